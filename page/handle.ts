import { subjectOf } from './identity.js';
import {
  type ConnectOptions,
  connect,
  type Status,
  type TabEvent,
  type TabStream,
  type ValidatorsOf,
} from './index.js';
import { INITIAL_STATUS } from './initial-status.js';
import { guarded } from './listeners.js';

/**
 * How long a stream outlives what held it, in milliseconds. What takes it up again within that
 * time (strict mode, a hot reload, the next page of an app) finds the connection open.
 */
const LINGER = 1_000;

interface Binding<Events> {
  attach(stream: TabStream<Events>): () => void;
  detach?: (() => void) | undefined;
}

/**
 * The stream of a component: it is there from the component's first rendering on, also on a
 * server, and connected while something holds it. Listeners stay with it when it is connected anew.
 *
 * @public
 */
export class TabStreamHandle<Events = Record<string, unknown>> {
  #url: string | URL | null = null;
  #options: ConnectOptions = {};
  #target: string | undefined;
  #holders = 0;
  #stream: TabStream<Events> | undefined;
  #closing: ReturnType<typeof setTimeout> | undefined;
  readonly #bindings = new Set<Binding<Events>>();
  readonly #statuses = new Set<(status: Status) => void>();
  readonly #retargets = new Set<() => void>();

  /** The stream behind the handle while it is connected: for what the handle itself does not offer. */
  get current(): TabStream<Events> | undefined {
    return this.#stream;
  }

  /** Where the stream stands; `idle` while it is not connected. */
  get status(): Status {
    return this.#stream?.status ?? INITIAL_STATUS;
  }

  /** As {@link TabStream.on}. */
  on<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: TabEvent<Events[Type]>) => void,
    { signal }: { signal?: AbortSignal } = {},
  ): () => void {
    if (signal?.aborted) return () => {};
    const off = this.#bind((stream) => stream.on(type, listener));
    signal?.addEventListener('abort', off, { once: true });
    return off;
  }

  /** As {@link TabStream.onGap}. */
  onGap(listener: Parameters<TabStream<Events>['onGap']>[0]): () => void {
    return this.#bind((stream) => stream.onGap(listener));
  }

  /** As {@link TabStream.onStatus}. */
  onStatus(listener: (status: Status) => void): () => void {
    const own = (status: Status) => listener(status);
    this.#statuses.add(own);
    return () => this.#statuses.delete(own);
  }

  /** As {@link TabStream.reconnect}. */
  reconnect(): void {
    this.#stream?.reconnect();
  }

  /** As {@link TabStream.refreshToken}. */
  refreshToken(): void {
    this.#stream?.refreshToken();
  }

  /**
   * Says where the stream leads; `null` for nowhere. It is connected anew if that is another
   * stream, or the same by other rules; options are compared by value, and functions not at all.
   *
   * @internal
   */
  aim(url: string | URL | null, options: ConnectOptions): void {
    const renewed = options.token !== this.#options.token;
    this.#url = url;
    this.#options = options;
    const target = targetOf(url, options);
    if (target === this.#target) {
      // A string cannot be asked for anew as a function can: a stream that waits for one is told.
      const waits = typeof options.token === 'string' && this.status.state === 'needs-auth';
      if (renewed && waits) this.refreshToken();
      return;
    }
    this.#target = target;
    this.#disconnect();
    for (const retargeted of [...this.#retargets]) retargeted();
    if (this.#holders > 0) this.#connect();
  }

  /**
   * Connects, for as long as somebody holds. Returns what lets go.
   *
   * @internal
   */
  hold(): () => void {
    clearTimeout(this.#closing);
    this.#holders += 1;
    if (!this.#stream) this.#connect();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holders -= 1;
      if (this.#holders === 0 && this.#stream) {
        this.#closing = setTimeout(() => this.#disconnect(), LINGER);
      }
    };
  }

  /**
   * Calls `listener` when the stream leads elsewhere: what came before is not of the new one.
   *
   * @internal
   */
  onRetarget(listener: () => void): () => void {
    this.#retargets.add(listener);
    return () => this.#retargets.delete(listener);
  }

  #bind(attach: Binding<Events>['attach']): () => void {
    const binding: Binding<Events> = { attach };
    if (this.#stream) binding.detach = attach(this.#stream);
    this.#bindings.add(binding);
    return () => {
      binding.detach?.();
      this.#bindings.delete(binding);
    };
  }

  #connect(): void {
    if (this.#url === null || typeof window === 'undefined') return;
    const { token, ...options } = this.#options;
    const stream = connect<Events>(this.#url, {
      ...(options as ConnectOptions & { validators?: ValidatorsOf<Events> }),
      // The latest there is: an inline function is another one at each rendering.
      ...(token !== undefined && { token: () => this.#token() }),
    });
    this.#stream = stream;
    stream.onStatus((status) => this.#tell(status));
    for (const binding of this.#bindings) binding.detach = binding.attach(stream);
    this.#tell(stream.status);
  }

  #disconnect(): void {
    clearTimeout(this.#closing);
    const stream = this.#stream;
    if (!stream) return;
    this.#stream = undefined;
    for (const binding of this.#bindings) {
      binding.detach?.();
      binding.detach = undefined;
    }
    stream.close();
    this.#tell(this.status);
  }

  #token(): string | Promise<string> {
    const { token = '' } = this.#options;
    return typeof token === 'function' ? token() : token;
  }

  #tell(status: Status): void {
    for (const listener of [...this.#statuses]) guarded(() => listener(status));
  }
}

/** What makes a stream another one, to compare. A fresh token of the same user does not. */
function targetOf(url: string | URL | null, { token, ...options }: ConnectOptions): string {
  const user = typeof token === 'string' ? (subjectOf(token) ?? token) : typeof token;
  return JSON.stringify([url, user, options], (_, value: unknown) => {
    if (value instanceof Headers) return [...value];
    // A schema is code, and may refer to itself.
    return typeof value === 'object' && value !== null && '~standard' in value ? undefined : value;
  });
}
