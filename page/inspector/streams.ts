import type { Inspection, StreamInspection } from '../inspection.js';
import { figures } from '../metrics.js';
import type { Trace } from '../trace.js';
import { h, keyed, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.streams;

/** The state of every stream in the worker. */
export class StreamsView {
  readonly #list = h('div');
  readonly #warning = h('p', { className: 'notice' });
  readonly node = h('section', {}, h('h3', {}, texts.streams.title), this.#warning, this.#list);

  /** `now` is when it is looked at: later than the inspection while the countdowns run. */
  show({ inspection, samples }: Trace, now: number): void {
    const lag = samples.filter((sample) => sample.lag !== null).at(-1)?.lag ?? null;
    const mine = ownStream(inspection);
    const { streams } = inspection;
    const { warnings } = figures(inspection, 1);
    setText(this.#warning, warnings.map(({ message }) => message).join(' '));
    const keys = streams.map(({ id }) => String(id));
    for (const [index, card] of keyed(this.#list, keys, newCard).entries()) {
      const stream = streams[index];
      if (stream) fill(card, stream, stream.id === mine ? lag : null, now);
    }
  }
}

/** Which of the streams is this tab's. */
const ownStream = ({ tabs }: Inspection): number | undefined =>
  tabs.find(({ self }) => self)?.stream;

function newCard(): HTMLElement {
  return h(
    'article',
    { className: 'stream' },
    h('p', { className: 'name' }, h('span', { className: 'badge' }), h('strong')),
    h('p', { className: 'muted' }),
    h(
      'dl',
      {},
      ...Object.entries(t.fields).flatMap(([name, label]) => [
        h('dt', {}, label),
        h('dd', { 'data-field': name }),
      ]),
    ),
  );
}

function fill(card: HTMLElement, stream: StreamInspection, lag: number | null, now: number): void {
  const { status } = stream;
  const badge = card.querySelector('.badge');
  const name = card.querySelector('strong');
  const note = card.querySelector('.muted');
  if (!badge || !name || !note) return;
  badge.setAttribute('data-state', status.state);
  setText(badge, t.states[status.state] ?? status.state);
  setText(name, `${stream.id}: ${stream.url}`);
  setText(note, stream.own ? (status.advice ?? '') : t.foreign);
  const values = fieldsOf(stream, lag, now);
  for (const node of card.querySelectorAll('dd')) {
    const value = values[node.getAttribute('data-field') as keyof typeof values];
    setText(node, value || texts.none);
  }
}

function fieldsOf(
  { status, timers, tabs, kept, counters }: StreamInspection,
  lag: number | null,
  now: number,
) {
  const { recoveries, recoveryTime, longestRecovery, reconnects } = counters;
  return {
    reason: status.reason ? t.reason(status.reason, status.httpStatus) : '',
    host: t.hosts[status.host] ?? status.host,
    transport: t.transports[status.transport] ?? status.transport,
    attempt: String(status.attempt),
    timers: timers.map(({ name, at }) => t.due(t.timers[name] ?? name, at - now)).join(', '),
    lastEventId: status.lastEventId,
    lag: lag === null ? '' : t.lag(lag),
    tabs: String(tabs),
    events: t.events(counters.events, counters.polled),
    kept: String(kept),
    polls: String(counters.polls),
    gaps: String(counters.gaps),
    tokens: String(counters.tokenRequests),
    connections: t.connections(counters.attempts, Object.entries(reconnects)),
    recoveries: t.recoveries(recoveries, recoveryTime / (recoveries || 1), longestRecovery),
  };
}
