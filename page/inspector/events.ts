import type { Trace, TracedEvent } from '../trace.js';
import { clock, h, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.events;
/** However many there are, no more rows than this are drawn. */
const MAX_ROWS = 200;
const PREVIEW = 100;

/** What came to this tab, newest first, with payloads. */
export class EventsView {
  readonly #filter = h('input', { type: 'search', 'aria-label': t.filter, placeholder: t.filter });
  readonly #note = h('p', { className: 'muted' });
  readonly #rows = h('tbody');
  readonly node = h(
    'section',
    { className: 'wide events' },
    h('div', { className: 'row' }, h('h3', {}, t.title), this.#filter),
    this.#note,
    h(
      'div',
      { className: 'scroll', tabIndex: 0, role: 'group', 'aria-label': t.title },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...[t.time, t.type, t.id, t.via, t.size, t.payload].map((label) =>
              h('th', { scope: 'col' }, label),
            ),
          ),
        ),
        this.#rows,
      ),
    ),
  );
  #shown: readonly TracedEvent[] = [];
  #events: readonly TracedEvent[] = [];

  constructor() {
    this.#filter.addEventListener('input', () => this.#draw());
  }

  show({ events }: Trace): void {
    if (events === this.#events) return;
    this.#events = events;
    this.#draw();
  }

  #draw(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    const fits = ({ type, id, data }: TracedEvent) =>
      [type, id, data ?? ''].some((text) => text.toLowerCase().includes(wanted));
    const found = wanted ? this.#events.filter(fits) : this.#events;
    const all = this.#events.length;
    setText(this.#note, all ? t.shown(found.length, all) : t.none);
    const latest = found.slice(-MAX_ROWS).reverse();
    // Rows that stay are kept: one of them may be open, or hold the focus.
    const rows = new Map(this.#shown.map((event, index) => [event, this.#rows.children[index]]));
    this.#rows.replaceChildren(...latest.map((event) => rows.get(event) ?? row(event)));
    this.#shown = latest;
  }
}

function row({ receivedAt, type, id, via, size, data }: TracedEvent): HTMLElement {
  const cells = [clock(receivedAt), type, id || texts.none, via, String(size)];
  const payload = data === null ? t.left : details(data, size);
  return h('tr', {}, ...cells.map((text) => h('td', {}, text)), h('td', {}, payload));
}

function details(data: string, size: number): HTMLElement {
  const preview = data.length > PREVIEW ? `${data.slice(0, PREVIEW)}…` : data;
  const node = h('details', {}, h('summary', {}, preview || texts.none));
  // Most are never opened.
  const fill = () => node.append(h('pre', {}, size > data.length ? cut(data, size) : pretty(data)));
  node.addEventListener('toggle', fill, { once: true });
  return node;
}

const cut = (data: string, size: number): string => `${data}\n${t.cut(size)}`;

function pretty(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch {
    return data;
  }
}
