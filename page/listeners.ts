import { TabcastError } from './errors.js';
import type { TabEvent } from './types.js';

type Listener = (event: TabEvent) => void;

/** The worker listens for no more types per tab than this, and for none that is longer. */
const MAX_TYPES = 256;
const MAX_TYPE_LENGTH = 256;

/** A tab's listeners by event type. */
export class Listeners {
  readonly #byType = new Map<string, Set<{ listener: Listener }>>();
  #announced = false;

  /** `announce` is told all types, once per microtask in which some were added or went. */
  constructor(private readonly announce: (types: string[]) => void) {}

  types(): string[] {
    return [...this.#byType.keys()];
  }

  add(type: string, listener: Listener, signal: AbortSignal | undefined): () => void {
    checkListener(listener);
    this.#checkType(type);
    if (signal?.aborted) return () => {};
    const entry = { listener };
    const known = this.#byType.get(type);
    // Another set, so that an event being dispatched does not reach who listens only since.
    this.#byType.set(type, new Set(known).add(entry));
    if (!known) this.#changed();
    const off = () => {
      const entries = this.#byType.get(type);
      if (!entries?.delete(entry)) return;
      signal?.removeEventListener('abort', off);
      if (entries.size === 0) {
        this.#byType.delete(type);
        this.#changed();
      }
    };
    signal?.addEventListener('abort', off);
    return off;
  }

  /** Calls the listeners for the event. */
  dispatch(event: TabEvent): void {
    const { type } = event;
    // A heartbeat is no news to those who want everything, nor are the marks of `EventSource`s.
    for (const wanted of /^(ping$|\n)/.test(type) ? [type] : [type, '*']) {
      for (const { listener } of this.#byType.get(wanted) ?? []) guarded(() => listener(event));
    }
  }

  #checkType(type: unknown): void {
    if (typeof type !== 'string' || type === '' || /[\r\n]/.test(type)) {
      throw new TabcastError('invalid-event-type', 'An event type must be a string of one line.');
    }
    if (type.length > MAX_TYPE_LENGTH) {
      throw new TabcastError(
        'invalid-event-type',
        `An event type must have at most ${MAX_TYPE_LENGTH} characters.`,
      );
    }
    if (!this.#byType.has(type) && this.#byType.size >= MAX_TYPES) {
      throw new TabcastError(
        'invalid-event-type',
        `A tab can listen for ${MAX_TYPES} event types at most; '*' listens for all.`,
      );
    }
  }

  #changed(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      this.announce(this.types());
    });
  }
}

export function checkListener(listener: unknown): void {
  if (typeof listener !== 'function') {
    throw new TabcastError('invalid-listener', 'A listener must be a function.');
  }
}

/** One listener's error is reported as the browser reports any, and keeps nothing from the others. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}
