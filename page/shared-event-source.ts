import type { WorkerStatus } from '../worker/messages.js';
import { EventHandler } from './event-handler.js';
import {
  isFetchable,
  parseUrl,
  readInit,
  type SharedEventSourceInit,
  transportFor,
} from './event-source-init.js';
import { chooseHost } from './hosts.js';
import { Membership } from './membership.js';
import { queueTask } from './tasks.js';
import type { Gap, TabEvent } from './types.js';
import { asEventSource, CLOSED, CONNECTING, OPEN } from './webidl.js';
import { whenStopped } from './window-stop.js';

/**
 * An `EventSource` whose connection all tabs of this browser share. It implements the interface
 * of the standard (https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface).
 *
 * @public
 */
export interface SharedEventSource extends EventSource {}

/** @public */
export interface SharedEventSourceConstructor {
  /**
   * @throws DOMException `SyntaxError` where the URL cannot be parsed.
   * @throws TabcastError `invalid-option`, with a sentence that says what to write.
   */
  new (url: string | URL, init?: SharedEventSourceInit): SharedEventSource;
  readonly prototype: SharedEventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
}

/** What the runtime tells of the connection in its place among the events: `core/src/connection/mark.rs`. */
const marks = { '\nopen': 'announce', '\nconnecting': 'reestablish', '\nclosed': 'fail' } as const;

/** A tab listens for no more types than this; only the browser's own transport has to be told them. */
const MAX_TYPES = 250;

class Shared extends EventTarget {
  readonly #url: string;
  readonly #withCredentials: boolean;
  #readyState = CONNECTING;
  #membership: Membership | undefined;
  #unwatch = () => {};
  readonly #types = new Set(['message']);
  readonly #onopen = new EventHandler(this, 'open');
  readonly #onmessage = new EventHandler(this, 'message');
  readonly #onerror = new EventHandler(this, 'error');

  constructor(...args: [url?: string | URL, init?: SharedEventSourceInit]) {
    if (args.length === 0) throw new TypeError('An EventSource needs a URL.');
    super();
    const { resilient, options } = readInit(args[1]);
    this.#withCredentials = options.withCredentials ?? false;
    if (typeof window === 'undefined') {
      // Server rendering: nothing to resolve against, and nothing to connect.
      this.#url = String(args[0]);
      return;
    }
    const url = parseUrl(args[0]);
    this.#url = url.href;
    const host = chooseHost(options.host);
    if (!host || !isFetchable(url)) {
      queueTask(() => this.#fail(host ? undefined : `there is no host '${options.host}' here.`));
      return;
    }
    if (!resilient) this.#unwatch = whenStopped(() => queueTask(() => this.#fail()));
    url.hash = '';
    const standard = { standard: true, transport: transportFor(url, options) } as const;
    this.#membership = new Membership(
      url.href,
      resilient ? options : { ...options, ...standard },
      host,
      {
        types: () => this.#listened(),
        key: () => {},
        event: (event) => this.#receive(event),
        joined: (status) => this.#joined(status),
        gap: (gap) => this.#lost(gap),
        inspected: () => {},
        status: () => {},
        failed: (advice) => queueTask(() => this.#fail(advice)),
      },
    );
  }

  get url(): string {
    return this.#url;
  }

  get withCredentials(): boolean {
    return this.#withCredentials;
  }

  get readyState(): number {
    return this.#readyState;
  }

  get onopen(): unknown {
    return this.#onopen.value;
  }

  set onopen(value: unknown) {
    this.#onopen.set(value);
  }

  get onmessage(): unknown {
    return this.#onmessage.value;
  }

  set onmessage(value: unknown) {
    this.#onmessage.set(value);
  }

  get onerror(): unknown {
    return this.#onerror.value;
  }

  set onerror(value: unknown) {
    this.#onerror.set(value);
  }

  close(): void {
    this.#readyState = CLOSED;
    this.#unwatch();
    this.#membership?.end();
  }

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    super.addEventListener(...args);
    const type = String(args[0]);
    if (this.#types.has(type)) return;
    this.#types.add(type);
    this.#membership?.post({ listen: { types: this.#listened() } });
  }

  /** The event types to register with the browser's own `EventSource`, and the marks. */
  #listened(): string[] {
    return [...Object.keys(marks), ...[...this.#types].slice(0, MAX_TYPES)];
  }

  #joined({ state }: WorkerStatus): void {
    queueTask(() => {
      if (state === 'open') this.#announce();
      // Another runtime, or another life of the stream, which is not open yet.
      else if (this.#readyState === OPEN) this.#reestablish();
    });
  }

  #receive({ type, data, id, origin }: TabEvent): void {
    const mark = marks[type as keyof typeof marks];
    queueTask(() => {
      if (mark === 'announce') this.#announce();
      else if (mark === 'reestablish') this.#reestablish();
      else if (mark === 'fail') this.#fail();
      else this.#dispatch(new MessageEvent(type, { data, origin, lastEventId: id }));
    });
  }

  #announce(): void {
    if (this.#readyState !== CONNECTING) return;
    this.#readyState = OPEN;
    this.dispatchEvent(new Event('open'));
  }

  #reestablish(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CONNECTING;
    this.dispatchEvent(new Event('error'));
  }

  #fail(advice?: string): void {
    if (this.#readyState === CLOSED) return;
    if (advice) console.error(`tabcast: ${advice}`);
    this.close();
    this.dispatchEvent(new Event('error'));
  }

  #dispatch(event: MessageEvent): void {
    // What is polled comes while no stream is open.
    this.#announce();
    if (this.#readyState === OPEN) this.dispatchEvent(event);
  }

  /** Events are gone that the runtime had: to the page that is a connection lost and made again. */
  #lost({ reason }: Gap): void {
    if (reason === 'server-log') return;
    queueTask(() => {
      if (this.#readyState !== OPEN) return;
      this.#reestablish();
      this.#announce();
    });
  }
}

export const SharedEventSource = asEventSource(Shared) as unknown as SharedEventSourceConstructor;
