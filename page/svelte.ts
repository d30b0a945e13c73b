import { derived, type Readable, readable } from 'svelte/store';
import { type AnyStream, type ExternalStore, latestEvent, latestStatus } from './external-store.js';
import { TabStreamHandle } from './handle.js';
import type { ConnectOptions, Status, TabEvent } from './index.js';

export type { AnyStream } from './external-store.js';
export type { TabStreamHandle } from './handle.js';

type MaybeStore<T> = T | Readable<T>;

/**
 * A store of the status of the event stream at `url`; `null` for none. The stream is connected
 * while one of its stores has a subscriber or one of its listeners is there, and never on a server.
 * URL and options may be stores: it is connected anew when their values or the user change.
 *
 * @throws TabcastError as {@link connect} does, on the first subscription.
 * @public
 */
export function tabStream<Events = Record<string, unknown>>(
  url: MaybeStore<string | URL | null>,
  options: MaybeStore<ConnectOptions> = {},
): TabStreamStore<Events> {
  return new TabStreamStore<Events>(storeOf(url), storeOf(options));
}

/** @public */
export class TabStreamStore<Events = Record<string, unknown>>
  extends TabStreamHandle<Events>
  implements Readable<Status>
{
  readonly #target: Readable<[string | URL | null, ConnectOptions]>;
  readonly #status = tabStatus<Events>(this);

  /** @internal */
  constructor(url: Readable<string | URL | null>, options: Readable<ConnectOptions>) {
    super();
    this.#target = derived([url, options], (target) => target);
  }

  subscribe(run: (status: Status) => void): () => void {
    return this.#status.subscribe(run);
  }

  override on<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: TabEvent<Events[Type]>) => void,
    options: { signal?: AbortSignal } = {},
  ): () => void {
    if (options.signal?.aborted) return () => {};
    const off = super.on(type, listener, options);
    const release = this.hold();
    options.signal?.addEventListener('abort', release, { once: true });
    return () => {
      off();
      release();
    };
  }

  /** @internal */
  override hold(): () => void {
    // Each that holds follows the target; aiming at where it aims already changes nothing.
    const stay = this.#target.subscribe(([url, options]) => this.aim(url, options));
    const release = super.hold();
    return () => {
      release();
      stay();
    };
  }
}

/**
 * A store of the latest event of `type`; `undefined` until there is one. A function that subscribes
 * to it is called for each event; what renders it may skip some that come together.
 *
 * @public
 */
export function tabEvent<Events, Type extends keyof Events & string>(
  stream: AnyStream<Events>,
  type: Type | '*',
): Readable<TabEvent<Events[Type]> | undefined> {
  return readableOf(stream, latestEvent(stream, type));
}

/**
 * A store of where the stream stands.
 *
 * @public
 */
export function tabStatus<Events>(stream: AnyStream<Events>): Readable<Status> {
  return readableOf(stream, latestStatus(stream));
}

function readableOf<Events, T>(stream: AnyStream<Events>, store: ExternalStore<T>): Readable<T> {
  return readable(store.get(), (set) => {
    const off = store.subscribe(() => set(store.get()));
    const release = stream instanceof TabStreamHandle ? stream.hold() : off;
    return () => {
      off();
      release();
    };
  });
}

function storeOf<T>(value: MaybeStore<T>): Readable<T> {
  const isStore = typeof value === 'object' && value !== null && 'subscribe' in value;
  return isStore ? (value as Readable<T>) : readable(value as T);
}
