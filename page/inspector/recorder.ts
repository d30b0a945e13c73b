import type { Inspection } from '../inspection.js';
import type { TabStream } from '../stream.js';
import type { Sample, Trace, TracedEvent } from '../trace.js';
import type { TabEvent } from '../types.js';

/** How many events are kept, and how much of each one's data, in UTF-16 units. */
const MAX_EVENTS = 500;
const MAX_DATA = 16_384;
/** How many points the curves have. */
const MAX_SAMPLES = 120;

/** The server's time, where an event says it, wherever it says it. */
const TIME = /"(?:timestamp|created_at)":\s*"([^"]{1,40})"/;

/** What an inspector sees of a stream while it is open: bounded, the oldest goes first. */
export class Recorder {
  readonly #ended = new AbortController();
  /** Up to twice as many as are kept, so that a burst does not move all of them for each. */
  readonly #events: TracedEvent[] = [];
  #kept: readonly TracedEvent[] = [];
  #samples: Sample[] = [];
  #inspection: Inspection | undefined;
  #fastest = Number.POSITIVE_INFINITY;
  #lag: number | null = null;

  constructor(readonly stream: TabStream) {
    const { signal } = this.#ended;
    for (const type of ['*', 'ping']) stream.on(type, (event) => this.#event(event), { signal });
  }

  end(): void {
    this.#ended.abort();
  }

  /** Looks at the worker, and adds a point to the curves. */
  async look(): Promise<Trace> {
    const inspection = await this.stream.inspect();
    this.#sample(inspection);
    this.#inspection = inspection;
    if (this.#events.at(-1) !== this.#kept.at(-1)) this.#kept = this.#events.slice(-MAX_EVENTS);
    return {
      format: 'tabcast-trace',
      version: 1,
      inspection,
      events: this.#kept,
      samples: this.#samples,
    };
  }

  #event({ type, id, via, receivedAt, data }: TabEvent): void {
    const event = { type, id, via, receivedAt, size: data.length, data: data.slice(0, MAX_DATA) };
    this.#events.push(event);
    if (this.#events.length > 2 * MAX_EVENTS) this.#events.splice(0, MAX_EVENTS);
    const late = receivedAt - Date.parse(TIME.exec(event.data)?.[1] ?? '');
    if (Number.isNaN(late)) return;
    this.#fastest = Math.min(this.#fastest, late);
    this.#lag = late - this.#fastest;
  }

  #sample(inspection: Inspection): void {
    const before = this.#inspection;
    if (!before || inspection.at <= before.at) return;
    const seconds = (inspection.at - before.at) / 1_000;
    // After a restart of the worker its counters begin anew.
    const rate = Math.max(0, total(inspection) - total(before)) / seconds;
    const sample = { at: inspection.at, rate, lag: this.#lag };
    this.#samples = [...this.#samples.slice(1 - MAX_SAMPLES), sample];
    this.#lag = null;
  }
}

const total = ({ streams }: Inspection): number =>
  streams.filter(({ own }) => own).reduce((sum, { counters }) => sum + counters.events, 0);
