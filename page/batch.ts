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
  readonly #at: number;

  constructor(batch: Batch, index: number) {
    this.#batch = batch;
    this.#index = index;
    this.#at = index * NUMBERS;
  }

  get type(): string {
    const { types, places } = this.#batch;
    return types[places[this.#at] ?? 0] ?? '';
  }

  get data(): string {
    const { text, places } = this.#batch;
    return text.slice(places[this.#at + 1], places[this.#at + 2]);
  }

  get id(): string {
    const { ids, places } = this.#batch;
    return ids.slice(places[this.#at + 3], places[this.#at + 4]);
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
}
