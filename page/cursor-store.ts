import { access, type Database } from './database.js';

/**
 * The place of each stream in IndexedDB, for `cursor: 'persistent'`: a page that is opened after a
 * crash or a restart of the browser goes on where the last one stopped.
 */

/** Storage that is blocked or full costs the cursor, and nothing else. */
const cursors: Database = { name: 'tabcast', store: 'cursors' };

/** The last event ID of the stream of this key; empty for none. */
export async function loadCursor(stream: string): Promise<string> {
  const id = await access<unknown>(cursors, 'readonly', (store) => store.get(stream));
  return typeof id === 'string' ? id : '';
}

/** How often a place is written, in milliseconds. */
const INTERVAL = 500;

/** Writes a stream's place as it changes, not more often than is needed. */
export class CursorWriter {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #written = '';
  #latest = '';

  constructor(private readonly stream: string) {}

  set(lastEventId: string): void {
    this.#latest = lastEventId;
    this.#timer ??= setTimeout(() => this.flush(), INTERVAL);
  }

  /** Writes what is not written yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#latest === this.#written) return;
    this.#written = this.#latest;
    access(cursors, 'readwrite', (store) => store.put(this.#latest, this.stream));
  }
}
