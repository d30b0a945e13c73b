import type { Batch } from '../worker/messages.js';
import type { TabEvent } from './types.js';

/** How many of a batch's numbers tell the places of one event. */
const NUMBERS = 5;

/** How many events a batch carries. */
export const countOf = (batch: Batch): number => batch.times.length;

/** An event that looks into its batch: nothing is cut out for listeners that do not ask. */
export class BatchEvent implements TabEvent {
  readonly #batch: Batch;
  readonly #index: number;

  constructor(batch: Batch, index: number) {
    this.#batch = batch;
    this.#index = index;
  }

  get type(): string {
    return this.#batch.types[this.#number(0) ?? 0] ?? '';
  }

  get data(): string {
    return this.#batch.text.slice(this.#number(1), this.#number(2));
  }

  get id(): string {
    return this.#batch.ids.slice(this.#number(3), this.#number(4));
  }

  get origin(): string {
    return this.#batch.origin;
  }

  get via(): Batch['via'] {
    return this.#batch.via;
  }

  get receivedAt(): number {
    return this.#batch.times[this.#index] ?? 0;
  }

  /** @internal What names it in the relay. */
  get place(): string {
    const { epoch, first } = this.#batch;
    return `${epoch}/${first + this.#index}`;
  }

  json(): unknown {
    return JSON.parse(this.data);
  }

  #number(which: number): number | undefined {
    return this.#batch.places[this.#index * NUMBERS + which];
  }
}
