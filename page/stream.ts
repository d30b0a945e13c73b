import type { Inspected } from '../worker/messages.js';
import type { Diagnostics } from './diagnostics.js';
import type { TabcastError } from './errors.js';
import { iterate } from './event-iterator.js';
import { chooseHost } from './hosts.js';
import { INITIAL_STATUS } from './initial-status.js';
import type { Inspection } from './inspection.js';
import { checkListener, guarded, Listeners } from './listeners.js';
import { Membership } from './membership.js';
import type { Metrics, MetricsOptions } from './metrics.js';
import { OncePerBrowser } from './once.js';
import type { ConnectOptions, EventOf, Gap, Status, TabEvent } from './types.js';
import type { validate } from './validation.js';

/**
 * One tab's share in a stream. {@link connect} makes them.
 *
 * @public
 */
export class TabStream<Events = Record<string, unknown>> {
  readonly #events: Listeners;
  readonly #errors = new Set<(error: TabcastError) => void>();
  readonly #statuses = new Set<(status: Status) => void>();
  readonly #gaps = new Set<(gap: Gap) => void>();
  /** Takes in what the worker shows, where somebody asked for it. */
  #answered: ((rows: Inspected) => void) | undefined;
  readonly #once = new OncePerBrowser();
  #status = INITIAL_STATUS;
  #membership: Membership | undefined;
  #validate: typeof validate | undefined;
  readonly #ended = new AbortController();

  /** @internal */
  constructor(
    /** The absolute URL of the event stream. */
    readonly url: string,
    options: ConnectOptions,
  ) {
    this.#events = new Listeners((types) => this.#membership?.post({ listen: { types } }));
    if (typeof window === 'undefined') return; // Server rendering: nothing to connect.
    const host = chooseHost(options.host);
    if (!host) {
      this.#end(
        'unsupported',
        `This page cannot use the host '${options.host}': it needs https and a newer browser, or \`host: 'auto'\`.`,
      );
      return;
    }
    this.#status = { ...INITIAL_STATUS, host };
    this.#membership = new Membership(url, options, host, {
      types: () => this.#events.types(),
      key: (key) => this.#once.enter(key),
      event: (event, before) => {
        this.#once.dispatching(event, before);
        const error = this.#validate?.(event, options.validators);
        if (!error) this.#events.dispatch(event);
        else if (this.#errors.size) tell(this.#errors, error);
        else reportError(error);
      },
      prepared: options.validators && this.#loadValidation(),
      gap: (gap) => tell(this.#gaps, gap),
      inspected: (rows) => this.#answered?.(rows),
      status: (status) => this.#setStatus(status),
      failed: (advice) => this.#end('worker-failed', advice),
    });
  }

  /** Only a page with validators pays for them. */
  async #loadValidation(): Promise<void> {
    try {
      ({ validate: this.#validate } = await import('./validation.js'));
    } catch {
      this.#end('worker-failed', 'The script `validation.js` beside this module did not load.');
    }
  }

  /** Where the stream stands. */
  get status(): Status {
    return { ...this.#status, lastEventId: this.#membership?.lastEventId ?? '' };
  }

  /**
   * Calls `listener` for each event of `type`, or of every type for `'*'` (a `ping` only where
   * `'ping'` itself is listened for). Returns a function that ends it; so does `signal`.
   */
  on<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: EventOf<Events, Type>) => void,
    { signal }: { signal?: AbortSignal } = {},
  ): () => void {
    return this.#events.add(type, listener as (event: TabEvent) => void, signal);
  }

  /** As {@link on}, for the first such event only. */
  once<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: EventOf<Events, Type>) => void,
    options: { signal?: AbortSignal } = {},
  ): () => void {
    checkListener(listener);
    const off = this.on<Type>(
      type,
      (event) => {
        off();
        listener(event);
      },
      options,
    );
    return off;
  }

  /**
   * The events of `type`, or of every type for `'*'`, from now on: `for await (const event of
   * stream.events('news'))`. Leaving the loop ends it, and so do `close()` and `signal`.
   *
   * Up to 1024 events wait for the loop. Where more come, the loop gets those and then fails with a
   * {@link TabcastError} `too-many-waiting`: nothing is left out in silence.
   */
  events<Type extends keyof Events & string>(
    type: Type | '*',
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncIterableIterator<EventOf<Events, Type>, undefined> {
    return iterate<EventOf<Events, Type>>(
      (push) => this.on<Type>(type, push),
      [this.#ended.signal, signal],
    );
  }

  /**
   * As {@link on}, but of all tabs of the browser that call this for `type`, exactly one runs its
   * listeners for each event: a visible one if there is one. The events come one at a time; a
   * promise that a listener returns is waited for. Where the tab that runs an event ends in the
   * middle, or is left so that its listener fails, another one runs it again. A tab runs no event
   * that came before its call.
   *
   * Up to 1024 events wait; beyond that the oldest is dropped, and a {@link TabcastError}
   * `too-many-waiting` reported. An event without an ID may be run again after a restart of the
   * worker, and by each tab where the host is `page`.
   *
   * @throws TabcastError `unsupported` where there are no Web Locks: the page must be https.
   */
  oncePerBrowser<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: EventOf<Events, Type>) => unknown,
    { signal }: { signal?: AbortSignal } = {},
  ): () => void {
    checkListener(listener);
    if (!this.#membership) return () => {};
    if (signal?.aborted) return () => {};
    const off = this.#once.add(type, listener as (event: TabEvent) => unknown, (each) =>
      this.#events.add(type, each, signal),
    );
    signal?.addEventListener('abort', off);
    return off;
  }

  /**
   * Calls `listener` for each event that does not fit its type's validator, with a
   * {@link TabcastError} `invalid-event` that has the event and the `issues`. Without a listener
   * such an error is reported as one that nobody caught. Returns a function that ends it.
   */
  onError(listener: (error: TabcastError) => void): () => void {
    return subscribe(this.#errors, listener);
  }

  /** Calls `listener` on each change of status. Returns a function that ends it. */
  onStatus(listener: (status: Status) => void): () => void {
    return subscribe(this.#statuses, listener);
  }

  /** Calls `listener` when events were lost for good. Returns a function that ends it. */
  onGap(listener: (gap: Gap) => void): () => void {
    return subscribe(this.#gaps, listener);
  }

  /** Has the stream opened anew, for all tabs. */
  reconnect(): void {
    this.#membership?.post('reconnect');
  }

  /** Has a fresh token got from a tab that has a token function, and the stream opened with it. */
  refreshToken(): void {
    this.#membership?.post('refresh-token');
  }

  /**
   * What there is in the worker: its streams, tabs, timers and counters, and its last 200 transitions.
   * No token, header, cookie or query of a URL is in it, and of other users' streams no more than
   * state and figures. Rejects with a `TabcastError` (`no-answer`) where no worker answers.
   */
  async inspect(): Promise<Inspection> {
    return (await this.#load()).inspect();
  }

  /** What was measured since the first call: delivery lag, gaps, reconnects, connections saved. */
  async metrics(): Promise<Metrics> {
    return (await this.#load()).metrics();
  }

  /** Calls `listener` with the {@link metrics} every `interval`. Returns a function that ends it. */
  onMetrics(listener: (metrics: Metrics) => void, options: MetricsOptions = {}): () => void {
    checkListener(listener);
    const ended = new AbortController();
    const report = (loaded: Diagnostics) => loaded.report(listener, options, ended.signal);
    this.#load().then(report).catch(reportError);
    return () => ended.abort();
  }

  /** What only few pages need is loaded when it is asked for. */
  #load(): Promise<Diagnostics> {
    return import('./diagnostics.js').then(({ diagnosticsOf }) =>
      diagnosticsOf(
        this as unknown as TabStream,
        (request) => this.#membership?.post({ inspect: { request } }),
        (answered) => {
          this.#answered = answered;
        },
      ),
    );
  }

  /** This tab leaves the stream, for good. The stream ends with the last tab. */
  close(): void {
    if (!this.#ended.signal.aborted) this.#end('left', null);
  }

  #end(reason: Status['reason'], advice: string | null): void {
    this.#ended.abort();
    this.#membership?.end();
    this.#once.enter('');
    this.#setStatus({
      state: 'closed',
      attempt: 0,
      retryAt: null,
      reason,
      httpStatus: null,
      advice,
    });
  }

  #setStatus(status: Partial<Status>): void {
    // This tab's own place counts, not the worker's.
    const next = { ...this.#status, ...status, lastEventId: '' };
    // The worker's first word is often what the page assumed.
    if (JSON.stringify(next) === JSON.stringify(this.#status)) return;
    this.#status = next;
    tell(this.#statuses, this.status);
  }
}

function subscribe<T>(set: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  checkListener(listener);
  // One of its own for each call, so that the same function can be subscribed twice.
  const own = (value: T) => listener(value);
  set.add(own);
  return () => set.delete(own);
}

function tell<T>(set: Set<(value: T) => void>, value: T): void {
  for (const listener of [...set]) guarded(() => listener(value));
}
