import type { Trace } from '../trace.js';
import { clock, h, setText, svg } from './dom.js';
import { texts } from './texts.js';
import { type Lane, lanesOf, type Mark, type MarkKind } from './timeline.js';

const t = texts.timeline;
/** In CSS pixels. */
const [LABELS, LANE, AXIS] = [64, 26, 18];
const NARROWEST = 280;
/** More lanes than this are not drawn. */
const MAX_LANES = 40;

/** Each kind has a shape of its own, drawn around the origin. */
const SHAPES: Record<MarkKind, string> = {
  connect: 'M0-5A5 5 0 1 1 0 5A5 5 0 1 1 0-5Z',
  retry: 'M-5-5H5L0 5Z',
  watchdog: 'M0-6L6 5H-6Z',
  poll: 'M0-3A3 3 0 1 1 0 3A3 3 0 1 1 0-3Z',
  promotion: 'M0-6L5 1H2V6H-2V1H-5Z',
  gap: 'M-5-3L-3-5L0-2L3-5L5-3L2 0L5 3L3 5L0 2L-3 5L-5 3L-2 0Z',
  token: 'M0-6L6 0L0 6L-6 0Z',
  fault: 'M-5-5H5V5H-5Z',
};

/** What happened to all streams and tabs, drawn. */
export class TimelineView {
  readonly #window = h(
    'select',
    {},
    ...Object.entries(t.windows).map(([value, label]) => h('option', { value }, label)),
  );
  readonly #drawing = svg('svg', { role: 'group', 'aria-label': t.label });
  readonly #detail = h('p', { className: 'detail muted', role: 'status' }, t.hint);
  readonly node = h(
    'section',
    { className: 'wide' },
    h(
      'div',
      { className: 'row' },
      h('h3', {}, t.title),
      h('label', {}, `${t.window} `, this.#window),
    ),
    this.#drawing as Node,
    this.#detail,
    legend(),
  );
  #pointed = false;
  #trace: Trace | undefined;

  constructor() {
    this.#window.addEventListener('change', () => this.#draw());
    // While somebody looks at a mark, it stays where it is.
    this.#drawing.addEventListener('pointerenter', () => this.#point(true));
    this.#drawing.addEventListener('pointerleave', () => this.#point(false));
    this.#drawing.addEventListener('focusout', () => setText(this.#detail, t.hint));
    this.#drawing.addEventListener('keydown', (event) => this.#walk(event));
  }

  show(trace: Trace): void {
    this.#trace = trace;
    if (!this.#isLookedAt()) this.#draw();
  }

  #point(pointed: boolean): void {
    this.#pointed = pointed;
    if (!pointed) setText(this.#detail, t.hint);
  }

  #isLookedAt(): boolean {
    const { activeElement } = this.#drawing.getRootNode() as ShadowRoot;
    return this.#pointed || this.#drawing.contains(activeElement);
  }

  #walk(event: KeyboardEvent): void {
    const marks = [...this.#drawing.querySelectorAll<SVGElement>('.mark')];
    const at = marks.indexOf(event.target as SVGElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    const next = to === undefined ? undefined : marks[to];
    if (!next) return;
    event.preventDefault();
    for (const mark of marks) mark.setAttribute('tabindex', mark === next ? '0' : '-1');
    next.focus();
    setText(this.#detail, next.getAttribute('aria-label') ?? '');
  }

  #draw(): void {
    if (!this.#trace) return;
    const { inspection } = this.#trace;
    const width = Math.max(this.#drawing.clientWidth || 0, NARROWEST);
    const length = Number(this.#window.value);
    const from = inspection.at - length;
    const x = (at: number) => LABELS + ((at - from) / length) * (width - LABELS - 8);
    const lanes = lanesOf(inspection, from).slice(0, MAX_LANES);
    const height = lanes.length * LANE + AXIS;
    this.#drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.#drawing.setAttribute('height', String(height));
    const nodes = lanes.map((lane, index) => this.#lane(lane, index, x));
    this.#drawing.replaceChildren(...nodes, ...axis(from, inspection.at, x, height));
    this.#drawing.querySelectorAll('.mark').item(0)?.setAttribute('tabindex', '0');
    setText(this.#detail, lanes.some(({ marks }) => marks.length) ? t.hint : t.empty);
  }

  #lane(lane: Lane, index: number, x: (at: number) => number): SVGElement {
    const middle = index * LANE + LANE / 2;
    const thickness = lane.kind === 'stream' ? 8 : 4;
    const spans = lane.spans.map((span) =>
      svg('rect', {
        class: 'span',
        'data-state': span.state,
        x: x(span.from),
        y: middle - thickness / 2,
        width: Math.max(x(span.to) - x(span.from), 1),
        height: thickness,
        rx: 2,
      }),
    );
    const label = svg('text', { x: 0, y: middle + 4 }, t.lanes[lane.kind](lane.id));
    return svg('g', {}, label, ...spans, ...lane.marks.map((mark) => this.#mark(mark, x, middle)));
  }

  #mark(mark: Mark, x: (at: number) => number, y: number): SVGElement {
    const told = describe(mark);
    const node = svg(
      'g',
      {
        class: 'mark',
        'data-kind': mark.kind,
        role: 'img',
        'aria-label': told,
        tabindex: -1,
        transform: `translate(${x(mark.at)} ${y})`,
      },
      svg('path', { d: SHAPES[mark.kind] }),
    );
    const show = () => setText(this.#detail, told);
    node.addEventListener('pointerenter', show);
    node.addEventListener('focus', show);
    return node;
  }
}

function describe({ at, kind, transition }: Mark): string {
  const { reason, httpStatus, tab, stream } = transition;
  const more = [
    reason && texts.streams.reason(reason, httpStatus),
    tab !== null && t.tab(tab),
  ].filter(Boolean);
  return t.detail(clock(at), t.marks[kind], stream, more.join(', '));
}

function axis(from: number, to: number, x: (at: number) => number, height: number): SVGElement[] {
  const label = (at: number, anchor: string, text: string) =>
    svg('text', { x: x(at), y: height - 3, 'text-anchor': anchor }, text);
  return [label(from, 'start', clock(from).slice(0, 8)), label(to, 'end', t.now)];
}

function legend(): HTMLElement {
  const entries = Object.entries(t.marks).map(([kind, label]) => {
    const shape = svg('g', { class: 'mark', 'data-kind': kind, transform: 'translate(7 7)' });
    shape.append(svg('path', { d: SHAPES[kind as MarkKind] }));
    const icon = svg('svg', { viewBox: '0 0 14 14', 'aria-hidden': 'true' }, shape);
    return h('span', {}, icon, label);
  });
  return h('div', { className: 'legend' }, ...entries);
}
