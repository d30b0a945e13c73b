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
    const { types, places } = this.#batch;
    return types[places[this.#index * NUMBERS] ?? 0] ?? '';
  }

  get data(): string {
    const { text, places } = this.#batch;
    const at = this.#index * NUMBERS;
    return text.slice(places[at + 1], places[at + 2]);
  }

  get id(): string {
    const { ids, places } = this.#batch;
    const at = this.#index * NUMBERS;
    return ids.slice(places[at + 3], places[at + 4]);
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
