import { byId, element, setAdvice, setText } from './dom.js';
import { texts } from './texts.js';

/** What was told of each step last: only a step that is done or has failed is announced, and once. */
const told = new Map();

/** Shows the checks in their steps. */
export function showSteps(checks) {
  for (const step of document.querySelectorAll('[data-step]')) {
    const states = [];
    for (const node of step.querySelectorAll('[data-check]')) {
      const check = checks[node.dataset.check];
      states.push(check.state);
      showCheck(node, check);
    }
    const state = overall(states);
    step.dataset.status = state;
    setText(step.querySelector('[data-state]'), `, ${texts.steps.states[state]}`);
    announce(step.dataset.step, state);
  }
}

/** A step fails with its worst check, and is done when all are. */
function overall(states) {
  if (states.includes('bad')) return 'bad';
  if (states.every((state) => state === 'ok')) return 'ok';
  return states.every((state) => state === 'todo') ? 'todo' : 'busy';
}

function showCheck(node, { state, seen, hint = '' }) {
  if (!node.firstChild) {
    node.append(
      element('span', { className: 'visually-hidden' }),
      element('span', { className: 'seen' }),
      element('span', { className: 'hint' }),
    );
  }
  node.dataset.status = state;
  const [spoken, what, todo] = node.children;
  setText(spoken, `${texts.steps.states[state]}: `);
  setText(what, seen);
  setAdvice(todo, hint);
}

function announce(step, state) {
  const before = told.get(step);
  told.set(step, state);
  if (before === undefined || before === state || !['ok', 'bad'].includes(state)) return;
  byId('announcer').textContent = texts.steps.announce(
    texts.steps[step],
    texts.steps.states[state],
  );
}
