import { byId, setAdvice, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.diagnosis;

/** What is well, what is under way; all other causes are faults. */
const WELL = ['fine'];
const CALM = ['logged-out', 'connecting', 'left', 'paused'];

/** Shows the cause, what was seen, and what to do. Spoken when the cause changes. */
export function showDiagnosis({ cause, evidence }, advice) {
  const { title, seen, toDo } = t.causes[cause];
  const panel = byId('diagnosis');
  panel.dataset.cause = cause;
  panel.dataset.status = WELL.includes(cause) ? 'ok' : CALM.includes(cause) ? 'todo' : 'bad';
  setText(byId('diagnosis-cause'), title);
  setText(byId('diagnosis-seen'), told(seen, evidence) ?? '');
  setAdvice(byId('diagnosis-to-do'), told(toDo, evidence) ?? advice ?? '');
}

const told = (text, evidence) => (typeof text === 'function' ? text(evidence) : text);
