import { byId, element, setText } from './dom.js';
import { exactClock } from './format.js';
import { texts } from './texts.js';

const KEPT = 200;
/** A payload is shown up to here, in characters: a huge one must not stop the page. */
const SHOWN = 4_000;
const PREVIEW = 110;

const t = texts.flow;
let total = 0;
/** Rows that are not on the page yet: a burst costs no more than what stays visible of it. */
let pending = [];

export function addEvent({ type, id, via, data, receivedAt }) {
  add({ time: receivedAt, type, id, via, payload: data });
}

/** Events that were lost for good are shown where they would have been. */
export function addGap({ fromId, toId, reason }) {
  const payload = t.gapPayload(fromId, toId, reason);
  add({ time: Date.now(), type: t.gap, id: '', via: '', payload, gap: true });
}

export function clearFlow() {
  total = 0;
  pending = [];
  byId('flow').replaceChildren();
}

/** Puts what came since the last call on top of the table. */
export function showFlow() {
  const rows = byId('flow');
  rows.prepend(...pending.reverse().map(row));
  pending = [];
  while (rows.childElementCount > KEPT) rows.lastElementChild.remove();
  setText(byId('flow-note'), total ? t.shown(rows.childElementCount, total) : t.none);
}

function add(entry) {
  total += 1;
  pending.push(entry);
  if (pending.length > KEPT) pending.shift();
}

function row({ time, type, id, via, payload, gap }) {
  const when = element('time', { dateTime: new Date(time).toISOString() }, exactClock(time));
  return element(
    'tr',
    { className: gap ? 'gap' : '' },
    cell('time', when),
    cell('type', type),
    cell('id', id || texts.status.none),
    cell('via', via || texts.status.none),
    cell('payload', gap ? payload : details(payload)),
  );
}

const cell = (name, content) => element('td', { className: name }, content);

function details(payload) {
  const preview = payload.length > PREVIEW ? `${payload.slice(0, PREVIEW)}…` : payload;
  const node = element('details', {}, element('summary', {}, preview));
  // Most are never opened.
  node.addEventListener('toggle', () => node.append(element('pre', {}, pretty(payload))), {
    once: true,
  });
  return node;
}

function pretty(payload) {
  if (payload.length > SHOWN) return `${payload.slice(0, SHOWN)}\n${t.cut(payload.length)}`;
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}
