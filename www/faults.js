import * as api from './api.js';
import { byId, element, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.faults;

/** What the server can be told to do wrong, and the causes that say so. */
const FAULTS = {
  mute: { faults: { mute: true }, causes: ['mute'] },
  buffer: { faults: { buffer: 1_000 }, causes: ['buffered', 'mute'] },
  cut: { faults: { cut_after_bytes: 400 }, causes: ['cut'] },
  refuse: { faults: { refuse: true }, causes: ['refused'] },
  unavailable: { faults: { status: 503 }, causes: ['unavailable'] },
  unauthorized: { faults: { status: 401 }, causes: ['token'] },
  contentType: { faults: { wrong_content_type: true }, causes: ['content-type'] },
  stall: { faults: { stall_after: 1 }, causes: ['silent'] },
  noHeartbeat: { faults: { no_heartbeat: true }, causes: ['no-heartbeat', 'silent'] },
  stopped: { faults: { status: 204 }, causes: ['stopped'] },
};

/** The fault that is on: `{id, blind, since, named}`; or what was on, until the stream is well again. */
let present = null;
let session = null;
let on = { changed() {}, reconnect() {} };
const outcomes = new Map();

/** Offers the faults. `reconnect` is called where the stream does not come back by itself. */
export function startFaults(callbacks) {
  on = callbacks;
  for (const id of Object.keys(FAULTS)) {
    const button = element('button', { type: 'button' }, t.list[id].name);
    button.addEventListener('click', () => start(id, false));
    const [should, outcome] = [element('span', {}, t.list[id].should), element('span')];
    byId('fault-list').append(element('li', { data: { fault: id } }, button, should, outcome));
  }
  byId('fault-blind').addEventListener('click', () => {
    const ids = Object.keys(FAULTS);
    start(ids[Math.floor(Math.random() * ids.length)], true);
  });
  byId('fault-end').addEventListener('click', end);
}

/** Whether this server has faults to offer is asked when somebody logs in. */
export async function offerFaults(entered) {
  session = entered;
  present = null;
  byId('faults').hidden = true;
  if (!session) return;
  const offered = await api.testConnections().then(
    () => true,
    () => false,
  );
  if (session !== entered) return;
  byId('faults').hidden = !offered;
  byId('faults-off').hidden = offered;
}

/** Notes whether what is wrong is named by now. */
export function watchFaults(cause, now) {
  if (present && !present.ended && !present.named && FAULTS[present.id].causes.includes(cause)) {
    present.named = now;
  }
  if (present?.ended && cause === 'fine') {
    outcomes.set(present.id, outcome(now));
    present = null;
  }
  show(now);
}

async function start(id, blind) {
  if (!(await send(FAULTS[id].faults))) return;
  present = { id, blind, since: Date.now(), named: null, ended: null };
  outcomes.delete(id);
  // Streams that are open do not meet most faults: the next one does.
  const connections = await api.testConnections().catch(() => []);
  const open = connections.filter(({ user_id }) => user_id === session.user.id);
  for (const { connection_id } of open) {
    await api.setFaults({ connection_id, cut_after_bytes: 0 }).catch(() => {});
  }
  on.changed();
}

async function end() {
  if (!(await send({}))) return;
  if (present) Object.assign(present, { ended: Date.now(), blind: false });
  on.reconnect();
  on.changed();
}

/** True where the server took them. */
async function send(faults) {
  setText(byId('fault-error'), '');
  try {
    await api.setFaults({ user_id: session.user.id, ...faults });
    return true;
  } catch (error) {
    setText(byId('fault-error'), error.message);
    return false;
  }
}

function outcome(now) {
  const { since, named, ended } = present;
  const naming = named ? t.named((named - since) / 1_000) : t.notNamed((now - since) / 1_000);
  return ended ? `${naming} ${t.mended((now - ended) / 1_000)}` : naming;
}

function show(now) {
  for (const item of byId('fault-list').children) {
    const { fault } = item.dataset;
    const isPresent = present?.id === fault && !present.blind;
    item.dataset.state = isPresent ? (present.named ? 'ok' : 'busy') : '';
    item.firstChild.setAttribute('aria-pressed', String(isPresent && !present.ended));
    setText(item.lastChild, isPresent ? outcome(now) : (outcomes.get(fault) ?? ''));
  }
  byId('fault-end').disabled = !present || Boolean(present.ended);
  setText(byId('fault-state'), present?.blind ? t.blind : '');
}
