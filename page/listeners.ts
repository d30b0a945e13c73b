import { TabcastError } from './errors.js';
import type { TabEvent } from './types.js';

type Listener = (event: TabEvent) => void;

/** Who listens; without `listener` no more, also where a list of before is being gone through. */
interface Entry {
  listener: Listener | undefined;
}

/** The worker listens for no more types per tab than this, and for none that is longer. */
const MAX_TYPES = 256;
const MAX_TYPE_LENGTH = 256;

/** A tab's listeners by event type. */
export class Listeners {
  readonly #byType = new Map<string, readonly Entry[]>();
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
    const entry: Entry = { listener };
    const known = this.#byType.get(type);
    // Another list, so that an event being dispatched does not reach who listens only since.
    this.#byType.set(type, [...(known ?? []), entry]);
    if (!known) this.#changed();
    const off = () => {
      if (!entry.listener) return;
      entry.listener = undefined;
      signal?.removeEventListener('abort', off);
      const others = this.#byType.get(type)?.filter((each) => each !== entry) ?? [];
      if (others.length > 0) {
        this.#byType.set(type, others);
      } else {
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
    call(this.#byType.get(type), event);
    // A heartbeat is no news to those who want everything, nor are the marks of `EventSource`s.
    if (type !== 'ping' && !type.startsWith('\n')) call(this.#byType.get('*'), event);
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

/** Each event passes here, in pages that the browser may only interpret: nothing is allocated. */
function call(entries: readonly Entry[] | undefined, event: TabEvent): void {
  if (!entries) return;
  for (let index = 0; index < entries.length; index++) {
    try {
      entries[index]?.listener?.(event);
    } catch (error) {
      reportError(error);
    }
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
