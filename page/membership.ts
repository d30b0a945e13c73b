import type {
  Batch,
  FromWorker,
  Inspected,
  Lost,
  Resume,
  ToWorker,
  WorkerStatus,
} from '../worker/messages.js';
import { BatchEvent, countOf } from './batch.js';
import { Credentials } from './credentials.js';
import type { CursorWriter } from './cursor-store.js';
import { clientOf, type HostKind, type OpenPort, opener } from './hosts.js';
import { digest } from './identity.js';
import { isVisible, watchPage } from './lifecycle.js';
import { Link } from './link.js';
import { type JoinOptions, streamOptions } from './options.js';
import { findBack, leaveBehind, spend } from './reload.js';
import { Seen } from './seen.js';
import { receive, type Sequence, type Step, skip, startAt } from './sequence.js';
import type { Gap, Status } from './types.js';

/** How long to wait for a channel's first message before asking for one again. */
const SYNC_INTERVAL = 250;

/** What a membership asks of its owner, and tells it. */
export interface MembershipEvents {
  /** The event types that the tab listens for. */
  types(): string[];
  /** The stream has this key: at the start, and when it becomes another user's. */
  key(key: string): void;
  /** The next event; `before` was the last event ID before it. */
  event(event: BatchEvent, before: string): void;
  gap(gap: Gap): void;
  inspected(rows: Inspected): void;
  status(status: Partial<Status>): void;
  /** The tab has joined a life of the stream that it did not know. */
  joined?(status: WorkerStatus): void;
  /** Something that is to be there before the first event. */
  prepared?: Promise<unknown> | undefined;
  /** There is no runtime to be had: it is time to end. */
  failed(advice: string): void;
}

/**
 * One tab's share in a stream: it joins, keeps its place, and comes back after a restart of the
 * runtime or of the page.
 */
export class Membership {
  readonly #credentials: Credentials;
  readonly #openPort: OpenPort;
  #link: Link | undefined;
  #channel: BroadcastChannel | undefined;
  #syncing: ReturnType<typeof setInterval> | undefined;
  #sequence: Sequence | undefined;
  #lastEventId = '';
  #seen = new Seen();
  /** Names the stream among others of this origin: a digest of URL, credentials mode and identity. */
  #key = '';
  /** With `cursor: 'persistent'`: the place of the pages before, and what writes this one's. */
  #stored = '';
  #writer: CursorWriter | undefined;
  readonly #ended = new AbortController();
  /** As `#ended` says; that is the browser's object, and slow to ask for each event. */
  #isOver = false;

  constructor(
    private readonly url: string,
    private readonly options: JoinOptions,
    private readonly host: HostKind,
    private readonly events: MembershipEvents,
  ) {
    this.#credentials = new Credentials(options);
    this.#openPort = opener(host, options.workerUrl);
    this.#watch();
    this.#join();
  }

  /** The ID of the last event that this tab saw, or that came before it joined. */
  get lastEventId(): string {
    return this.#lastEventId;
  }

  post(message: ToWorker): void {
    this.#link?.post(message);
  }

  /** Leaves, for good. */
  end(): void {
    this.#isOver = true;
    this.#ended.abort();
    this.#leave();
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
          if (this.#key && place && !this.options.standard) {
            leaveBehind(this.#key, place);
          }
          this.#writer?.flush();
          this.#leave();
        },
        returned: () => this.#join(),
      },
      this.#ended.signal,
    );
  }

  #join(token?: string): void {
    this.events.status({ state: 'connecting' });
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
          const { replay, sticky } = this.options;
          const hello = {
            lock,
            url: this.url,
            options: streamOptions(this.options),
            providesToken: this.#credentials.renewable,
            types: this.events.types(),
            visible: isVisible(),
            online: navigator.onLine,
            resume,
            replay,
            sticky,
            ...prepare,
          };
          say({ hello });
        },
        message: (message) => this.#receive(message),
        restarting: () => this.events.status({ state: 'connecting' }),
        waiting: (wait, advice) =>
          this.events.status({
            state: 'waiting',
            reason: 'worker-failed',
            advice,
            retryAt: Date.now() + wait,
          }),
        failed: (advice) => this.events.failed(advice),
      },
      this.#openPort,
    );
    this.#link = link;
  }

  async #prepare(fresh: string | undefined) {
    await this.events.prepared;
    const token = fresh ?? (await this.#credentials.token());
    const owner = this.#credentials.owner(token);
    const [identity, key, client] = await Promise.all([
      owner && digest(owner),
      digest(`${this.url} ${this.options.withCredentials ?? false} ${owner}`),
      // Storage is read while another thread digests.
      clientOf(this.host),
    ]);
    if (key !== this.#key) this.#begin(key);
    if (this.options.cursor === 'persistent' && !this.#writer) {
      // A script that is not served costs the cursor, and nothing else.
      const store = await import('./cursor-store.js').catch(reportError);
      if (store) {
        this.#stored = await store.loadCursor(this.#key);
        this.#writer = new store.CursorWriter(this.#key);
      }
    }
    // The standard's request has nothing that the page did not ask for.
    const name = this.options.standard ? '' : `${client}-${this.#key.slice(0, 8)}`;
    return { token, identity, clientId: name };
  }

  /** Another user's stream: nothing of the one before may lead into it. */
  #begin(key: string): void {
    this.#key = key;
    this.#sequence = undefined;
    this.#lastEventId = '';
    this.#seen = new Seen(this.#left()?.recent);
    this.#writer?.flush();
    this.#writer = undefined;
    this.#stored = '';
    this.events.key(key);
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
      return { epoch, next, lastEventId: this.#lastEventId, recent: this.#seen.recent };
    }
    const left = this.#left();
    if (left) return left;
    return this.#stored ? { epoch: '', next: 0, lastEventId: this.#stored, recent: [] } : undefined;
  }

  /** What the page before this one left behind. */
  #left() {
    return this.options.standard ? undefined : findBack(this.#key);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'welcome': {
        spend(this.#key);
        if (message.optionsDiffer) {
          console.warn(
            `tabcast: ${this.url} is open with the options of another tab; these options do not apply.`,
          );
        }
        const known = message.epoch === this.#sequence?.epoch;
        this.#sequence = startAt(
          message.epoch,
          // In the same life of the stream the tab's own place counts.
          known ? (this.#sequence?.next ?? message.next) : message.next,
        );
        this.#openChannel(message.channel);
        if (!known) {
          this.#seen.begin(message.recent, message.gap !== null);
          // One that begins here has its place from the start: the worker may die before the next event.
          this.#lastEventId =
            message.recent.at(-1) ?? (this.#lastEventId || message.status.lastEventId);
          this.events.joined?.(message.status);
        }
        this.#workerStatus(message.status);
        if (message.gap && !this.#isOver) this.#lost(message.gap);
        break;
      }
      case 'status':
        this.#workerStatus(message.status);
        break;
      case 'batch':
        this.#take(message);
        break;
      case 'gap':
        if (message.epoch !== this.#sequence?.epoch) break;
        // What it lacked has come meanwhile: the port and the channel may overtake each other.
        if (message.next <= this.#sequence.next) break;
        this.#lost(message.gap);
        this.#seen.skip();
        this.#step(skip(this.#sequence, message.next));
        break;
      case 'token-request':
        this.#giveToken(message.request);
        break;
      case 'inspection':
        this.events.inspected(message.rows);
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
    if (batch.first === 0) {
      this.#each(batch, 0, (event) => this.events.event(event, this.#lastEventId));
    } else if (this.#sequence) {
      this.#step(receive(this.#sequence, batch));
    }
  }

  #step({ sequence, dispatch, want }: Step): void {
    this.#sequence = sequence;
    if (want) this.#link?.post({ want });
    for (const { batch, from } of dispatch) {
      this.#each(batch, from, (event) => this.#dispatch(event));
    }
  }

  #each(batch: Batch, from: number, dispatch: (event: BatchEvent) => void): void {
    const count = countOf(batch);
    for (let index = from; index < count; index++) {
      // A listener may have closed the stream.
      if (this.#isOver) return;
      dispatch(new BatchEvent(batch, index));
    }
  }

  #dispatch(event: BatchEvent): void {
    const { id } = event;
    const before = this.#lastEventId;
    this.#lastEventId = id;
    // By the standard an ID may come again.
    if (!this.options.standard && this.#seen.isRepeat(id, before)) return;
    this.#writer?.set(id);
    this.events.event(event, before);
    if (!before || event.type !== 'connection_confirmed') return;
    try {
      const { recovered, earliest } = JSON.parse(event.data);
      const toId = String(earliest ?? '');
      // Where the stream went back for another tab, this one may have seen what is gone.
      if (recovered === false && !this.#seen.has(toId)) {
        this.events.gap({ fromId: before, toId, reason: 'server-log' });
      }
    } catch {
      // Another server's event of the same name.
    }
  }

  #lost({ fromId, ...gap }: Lost): void {
    this.events.gap({ ...gap, fromId: fromId || this.#lastEventId });
  }

  #workerStatus({ retryIn, ...status }: (FromWorker & { type: 'status' })['status']): void {
    if (status.state === 'open') this.#link?.settled();
    this.events.status({ ...status, retryAt: retryIn === null ? null : Date.now() + retryIn });
  }
}
