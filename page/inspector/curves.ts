import type { Sample, Trace } from '../trace.js';
import { h, setText, svg } from './dom.js';
import { texts } from './texts.js';

const t = texts.curves;
const [WIDTH, HEIGHT] = [300, 40];

/** Two sparklines: how many events come, and how late. */
export class CurvesView {
  readonly #rate = new Curve(t.rate, t.perSecond);
  readonly #lag = new Curve(t.lag, texts.streams.lag);
  readonly node = h(
    'section',
    {},
    h('h3', {}, t.title),
    h('div', { className: 'curves' }, this.#rate.node, this.#lag.node),
  );

  show({ samples }: Trace): void {
    this.#rate.show(samples, ({ rate }) => rate);
    this.#lag.show(samples, ({ lag }) => lag);
  }
}

class Curve {
  readonly #figure = h('span', { className: 'figure' });
  readonly #most = h('span', { className: 'muted' });
  readonly #line = svg('path');
  readonly #area = svg('path', { class: 'area' });
  readonly node: HTMLElement;

  constructor(
    label: string,
    private readonly tell: (value: number) => string,
  ) {
    const drawing = svg(
      'svg',
      {
        class: 'curve',
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        height: HEIGHT,
        preserveAspectRatio: 'none',
        'aria-hidden': 'true',
      },
      this.#area,
      this.#line,
    );
    const head = h('p', { className: 'row' }, h('span', {}, `${label} `, this.#figure), this.#most);
    this.node = h('div', {}, head, drawing);
  }

  show(samples: readonly Sample[], of: (sample: Sample) => number | null): void {
    const points = samples.flatMap((sample) => {
      const value = of(sample);
      return value === null ? [] : [{ at: sample.at, value }];
    });
    const highest = Math.max(...points.map(({ value }) => value), 0);
    const last = points.at(-1);
    setText(this.#figure, last ? this.tell(last.value) : texts.none);
    setText(this.#most, last ? t.most(this.tell(highest)) : '');
    const from = samples[0]?.at ?? 0;
    const length = Math.max((samples.at(-1)?.at ?? 0) - from, 1);
    const line = points
      .map(({ at, value }, index) => {
        const x = ((at - from) / length) * WIDTH;
        const y = HEIGHT - 2 - (value / (highest || 1)) * (HEIGHT - 4);
        return `${index ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      })
      .join('');
    this.#line.setAttribute('d', line);
    const first = ((points[0]?.at ?? from) - from) / length;
    const end = ((last?.at ?? from) - from) / length;
    const area = line && `${line}L${end * WIDTH} ${HEIGHT}L${first * WIDTH} ${HEIGHT}Z`;
    this.#area.setAttribute('d', area);
  }
}
