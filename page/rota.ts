import { TabcastError } from './index.js';
import { type Item, type Job, Turns } from './turns.js';

/**
 * The listeners of one tab's stream of which one tab in the browser runs each event. A page loads
 * this with the first of them.
 */
export class Rota {
  /** The key of the stream. */
  #stream: string;
  readonly #turns = new Map<string, Turns>();
  readonly #jobs = new Set<Job>();

  constructor(stream: string) {
    this.#stream = stream;
  }

  /** The tab is in this stream now. Of another one nothing is left. */
  enter(stream: string): void {
    for (const turns of this.#turns.values()) turns.end();
    this.#turns.clear();
    this.#stream = stream;
    for (const { type } of this.#jobs) this.#begin(type);
  }

  add(job: Job): void {
    this.#jobs.add(job);
    this.#begin(job.type);
  }

  remove(job: Job): void {
    job.off = true;
    this.#jobs.delete(job);
    if ([...this.#jobs].some(({ type }) => type === job.type)) return;
    this.#turns.get(job.type)?.end();
    this.#turns.delete(job.type);
  }

  take(job: Job, item: Item & { stream: string }): void {
    if (item.stream === this.#stream) this.#turns.get(job.type)?.take(job, item);
  }

  #begin(type: string): void {
    if (!this.#stream || this.#turns.has(type)) return;
    const overflow = () =>
      reportError(
        new TabcastError(
          'too-many-waiting',
          `An event '${type}' was dropped: the listener of oncePerBrowser is too slow, or hangs.`,
        ),
      );
    this.#turns.set(type, new Turns(`tabcast/once/${this.#stream}/${type}`, overflow));
  }
}
