import type { Batch, FromWorker, Resume } from '../worker/messages.js';
import { Credentials } from './credentials.js';
import { CursorWriter, loadCursor } from './cursor-store.js';
import { chooseHost, type OpenPort, opener } from './hosts.js';
import { clientId, digest, randomId } from './identity.js';
import { isVisible, watchPage } from './lifecycle.js';
import { Link } from './link.js';
import { checkListener, guarded, Listeners } from './listeners.js';
import { streamOptions } from './options.js';
import { findBack, leaveBehind, spend } from './reload.js';
import { receive, type Sequence, type Step, skip, startAt } from './sequence.js';
import type { ConnectOptions, Gap, Status, TabEvent } from './types.js';

/** How long to wait for a channel's first message before asking for one again. */
const SYNC_INTERVAL = 250;

const INITIAL: Status = {
  state: 'idle',
  attempt: 0,
  retryAt: null,
  reason: null,
  httpStatus: null,
  advice: null,
  transport: 'eventsource',
  host: 'shared-worker',
  lastEventId: '',
};

/**
 * One tab's share in a stream. {@link connect} makes them.
 *
 * @public
 */
export class TabStream<Events = Record<string, unknown>> {
  readonly #credentials: Credentials;
  readonly #events: Listeners;
  readonly #statuses = new Set<(status: Status) => void>();
  readonly #gaps = new Set<(gap: Gap) => void>();
  #status = INITIAL;
  #openPort: OpenPort | undefined;
  #link: Link | undefined;
  #channel: BroadcastChannel | undefined;
  #syncing: ReturnType<typeof setInterval> | undefined;
  #sequence: Sequence | undefined;
  #lastEventId = '';
  /** Names the stream among others of this origin: a digest of URL, credentials mode and identity. */
  #key = '';
  /** With `cursor: 'persistent'`: the place of the pages before, and what writes this one's. */
  #stored = '';
  #writer: CursorWriter | undefined;
  readonly #closed = new AbortController();

  /** @internal */
  constructor(
    /** The absolute URL of the event stream. */
    readonly url: string,
    private readonly options: ConnectOptions,
  ) {
    this.#credentials = new Credentials(options);
    this.#events = new Listeners((types) => this.#link?.post({ listen: { types } }));
    if (typeof window === 'undefined') return; // Server rendering: nothing to connect.
    const host = chooseHost(options.host);
    if (!host) {
      this.#end(
        'unsupported',
        `This page cannot use the host '${options.host}': it needs https and a newer browser, or \`host: 'auto'\`.`,
      );
      return;
    }
    this.#status = { ...INITIAL, host };
    this.#openPort = opener(host, options.workerUrl);
    this.#watch();
    this.#join();
  }

  /** Where the stream stands. */
  get status(): Status {
    return { ...this.#status, lastEventId: this.#lastEventId };
  }

  /**
   * Calls `listener` for each event of `type`, or of every type for `'*'` (a `ping` only where
   * `'ping'` itself is listened for). Returns a function that ends it; so does `signal`.
   */
  on<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: TabEvent<Events[Type]>) => void,
    { signal }: { signal?: AbortSignal } = {},
  ): () => void {
    return this.#events.add(type, listener as (event: TabEvent) => void, signal);
  }

  /** As {@link on}, for the first such event only. */
  once<Type extends keyof Events & string>(
    type: Type | '*',
    listener: (event: TabEvent<Events[Type]>) => void,
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
    this.#link?.post('reconnect');
  }

  /** Has a fresh token got from a tab that has a token function, and the stream opened with it. */
  refreshToken(): void {
    this.#link?.post('refresh-token');
  }

  /** This tab leaves the stream, for good. The stream ends with the last tab. */
  close(): void {
    if (!this.#closed.signal.aborted) this.#end('left', null);
  }

  #end(reason: Status['reason'], advice: string | null): void {
    this.#closed.abort();
    this.#leave();
    this.#setStatus({
      state: 'closed',
      attempt: 0,
      retryAt: null,
      reason,
      httpStatus: null,
      advice,
    });
  }

  #watch(): void {
    const tell = (message: Parameters<Link['post']>[0]) => this.#link?.post(message);
    watchPage(
      {
        visible: (visible) => tell({ visibility: { visible } }),
        online: (online) => tell({ network: { online } }),
        thawed: () => {
          this.#sync();
          tell({ network: { online: navigator.onLine } });
        },
        leaving: () => {
          const place = this.#place();
          if (this.#key && place) leaveBehind(this.#key, place);
          this.#writer?.flush();
          this.#leave();
        },
        returned: () => this.#join(),
      },
      this.#closed.signal,
    );
  }

  #join(token?: string): void {
    if (!this.#openPort) return;
    this.#setStatus({ ...this.#status, state: 'connecting' });
    const prepared = this.#prepare(token);
    const link = new Link(
      {
        greet: async (lock, say) => {
          const prepare = await prepared;
          if (this.#link !== link) return;
          // What still came over the old channel after the cursor is told would come again.
          this.#closeChannel();
          const resume = this.#place();
          this.#lastEventId ||= resume?.lastEventId ?? '';
          const hello = {
            lock,
            url: this.url,
            options: streamOptions(this.options),
            providesToken: this.#credentials.renewable,
            types: this.#events.types(),
            visible: isVisible(),
            online: navigator.onLine,
            resume,
            ...prepare,
          };
          say({ hello });
        },
        message: (message) => this.#receive(message),
        failed: (advice) => this.#end('worker-failed', advice),
      },
      this.#openPort,
    );
    this.#link = link;
  }

  async #prepare(fresh: string | undefined) {
    const token = fresh ?? (await this.#credentials.token());
    const identity = await this.#credentials.identity(token);
    const key = await digest(`${this.url} ${this.options.withCredentials ?? false} ${identity}`);
    if (key !== this.#key) this.#begin(key);
    if (this.options.cursor === 'persistent' && !this.#writer) {
      this.#stored = await loadCursor(this.#key);
      this.#writer = new CursorWriter(this.#key);
    }
    // A server replaces a client's older connection by its newer one: pages without a common
    // connection are clients of their own.
    const client = this.#status.host === 'page' ? randomId() : clientId();
    return { token, identity, clientId: `${client}-${this.#key.slice(0, 8)}` };
  }

  /** Another user's stream: nothing of the one before may lead into it. */
  #begin(key: string): void {
    this.#key = key;
    this.#sequence = undefined;
    this.#lastEventId = '';
    this.#writer?.flush();
    this.#writer = undefined;
    this.#stored = '';
  }

  async #giveToken(request: number): Promise<void> {
    const link = this.#link;
    const token = await this.#credentials.token();
    if (this.#link !== link) return;
    if (token !== undefined && this.#credentials.isForAnother(token)) {
      // Another user is logged in here now. The tabs of the one before keep their stream.
      this.#leave();
      this.#join(token);
    } else {
      link?.post({ token: { request, token } });
    }
  }

  #leave(): void {
    this.#closeChannel();
    this.#link?.end();
    this.#link = undefined;
  }

  /** Where this tab is, or where it or another one left off before this page. */
  #place(): Resume | undefined {
    if (this.#sequence) {
      const { epoch, next } = this.#sequence;
      return { epoch, next, lastEventId: this.#lastEventId };
    }
    const stored = this.#stored && { epoch: '', next: 0, lastEventId: this.#stored };
    return findBack(this.#key) ?? (stored || undefined);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'welcome':
        // One that begins here has its place from the start: the worker may die before the next event.
        this.#lastEventId ||= message.status.lastEventId;
        spend(this.#key);
        if (message.optionsDiffer) {
          console.warn(
            `tabcast: ${this.url} is open with the options of another tab; these options do not apply.`,
          );
        }
        this.#sequence = startAt(
          message.epoch,
          // In the same life of the stream the tab's own place counts.
          message.epoch === this.#sequence?.epoch ? this.#sequence.next : message.next,
        );
        this.#openChannel(message.channel);
        this.#workerStatus(message.status);
        break;
      case 'status':
        this.#workerStatus(message.status);
        break;
      case 'batch':
        this.#take(message);
        break;
      case 'gap':
        if (message.epoch !== this.#sequence?.epoch) break;
        this.#lost({
          fromId: message.fromId || this.#lastEventId,
          toId: message.toId,
          reason: message.reason,
        });
        this.#step(skip(this.#sequence, message.next));
        break;
      case 'token-request':
        this.#giveToken(message.request);
        break;
    }
  }

  #closeChannel(): void {
    clearInterval(this.#syncing);
    this.#channel?.close();
    this.#channel = undefined;
  }

  #openChannel(name: string): void {
    this.#closeChannel();
    const channel = new BroadcastChannel(name);
    this.#channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Batch>) => {
      clearInterval(this.#syncing);
      this.#link?.heard();
      this.#take(data);
    };
    // A browser does not say when a channel has begun to listen: the first message does.
    this.#sync();
    this.#syncing = setInterval(() => this.#sync(), SYNC_INTERVAL);
  }

  /** Asks for a beacon, which tells how far the stream is. */
  #sync(): void {
    this.#link?.post('sync');
  }

  #take(batch: Batch): void {
    if (!this.#sequence) return;
    this.#step(receive(this.#sequence, batch));
  }

  #step({ sequence, dispatch, want }: Step): void {
    this.#sequence = sequence;
    if (want) this.#link?.post({ want });
    for (const { batch, from } of dispatch) {
      for (let index = from; index < batch.data.length; index++) {
        // A listener may have closed the stream.
        if (this.#closed.signal.aborted) return;
        this.#dispatch(batch, index);
      }
    }
  }

  #dispatch(batch: Batch, index: number): void {
    const before = this.#lastEventId;
    this.#lastEventId = batch.ids[index] ?? '';
    this.#writer?.set(this.#lastEventId);
    const event = this.#events.dispatch(batch, index);
    if (event.type !== 'connection_confirmed' || !before) return;
    try {
      const { recovered, earliest } = JSON.parse(event.data);
      if (recovered === false) {
        this.#lost({ fromId: before, toId: String(earliest ?? ''), reason: 'server-log' });
      }
    } catch {
      // Another server's event of the same name.
    }
  }

  #lost(gap: Gap): void {
    for (const listener of [...this.#gaps]) guarded(() => listener(gap));
  }

  #workerStatus({ retryIn, ...status }: (FromWorker & { type: 'status' })['status']): void {
    if (status.state === 'open') this.#link?.settled();
    this.#setStatus({ ...status, retryAt: retryIn === null ? null : Date.now() + retryIn });
  }

  #setStatus(status: Partial<Status>): void {
    // This tab's own place counts, not the worker's.
    const next = { ...this.#status, ...status, lastEventId: '' };
    // The worker's first word is often what the page assumed.
    if (JSON.stringify(next) === JSON.stringify(this.#status)) return;
    this.#status = next;
    const { status: told } = this;
    for (const listener of [...this.#statuses]) guarded(() => listener(told));
  }
}

function subscribe<T>(set: Set<(value: T) => void>, listener: (value: T) => void): () => void {
  checkListener(listener);
  // One of its own for each call, so that the same function can be subscribed twice.
  const own = (value: T) => listener(value);
  set.add(own);
  return () => set.delete(own);
}
