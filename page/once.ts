import type { BatchEvent } from './batch.js';
import { TabcastError } from './errors.js';
import type { Rota } from './rota.js';
import type { TabEvent } from './types.js';

/**
 * What every page has of `oncePerBrowser`: it sees the events go by, and loads the rest with the
 * first listener.
 */
export class OncePerBrowser {
  #rota: Promise<Rota | undefined> | undefined;
  #stream = '';
  /** The event that is dispatched, and the last event ID before it. */
  #event: BatchEvent | undefined;
  #before = '';

  /** The tab is in the stream of this key from now on; in none, where it is empty. */
  enter(stream: string): void {
    this.#stream = stream;
    this.#rota?.then((rota) => rota?.enter(stream));
  }

  /** The event is dispatched next; the one before had the ID `before`. */
  dispatching(event: BatchEvent, before: string): void {
    this.#event = event;
    this.#before = before;
  }

  /** What names the event that is dispatched in every tab. */
  #mark(): string {
    const { id = '', place = '' } = this.#event ?? {};
    // An event without an ID of its own has that of the one before it.
    return id && id !== this.#before ? id : place;
  }

  /** `on` has what it is given called for each event of `type`, and returns what ends that. */
  add(
    type: string,
    listener: (event: TabEvent) => unknown,
    on: (listener: (event: TabEvent) => void) => () => void,
  ): () => void {
    if (!navigator.locks) throw new TabcastError('unsupported', 'oncePerBrowser needs https.');
    const job = { type, listener, off: false };
    const end = on((event) => {
      const item = { stream: this.#stream, mark: this.#mark(), event };
      rota.then((rota) => rota?.take(job, item));
    });
    const rota = this.#load();
    rota.then((rota) => rota?.add(job));
    return () => {
      end();
      rota.then((rota) => rota?.remove(job));
    };
  }

  #load() {
    this.#rota ??= import('./rota.js').then(
      ({ Rota }) => new Rota(this.#stream),
      () => {
        this.#rota = undefined;
        reportError(new TabcastError('unsupported', 'Serve `rota.js` beside this module.'));
        return undefined;
      },
    );
    return this.#rota;
  }
}
