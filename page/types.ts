import type { WorkerStatus } from '../worker/messages.js';
import type { Validators } from './validators.js';

/**
 * An event of the stream.
 *
 * @public
 */
export interface TabEvent<Data = unknown, Type extends string = string> {
  /** The event type; `message` where the server named none. */
  readonly type: Type;
  /** The last event ID at dispatch; empty where the server never sent one. */
  readonly id: string;
  /** The data as sent. */
  readonly data: string;
  /**
   * The data parsed as JSON, anew on each call; throws a `SyntaxError` where it is none. Where the
   * type has a validator: what that made of it, the same value on each call.
   */
  json(): Data;
  /** The origin of the stream's URL. */
  readonly origin: string;
  /** How the event came: live, by polling, or from the worker's relay log. */
  readonly via: 'stream' | 'poll' | 'replay';
  /** When the worker received it, in milliseconds of Unix time. */
  readonly receivedAt: number;
}

/**
 * An event of one of these types: comparing its `type` tells what `json()` gives.
 *
 * @public
 */
export type EventOf<Events, Types extends keyof Events & string = keyof Events & string> = {
  [Type in Types]: TabEvent<Events[Type], Type>;
}[Types];

/** Why a stream is not plainly open. */
export type Reason =
  | NonNullable<WorkerStatus['reason']>
  /** This tab closed its stream. */
  | 'left'
  /** The worker did not load, or failed again and again. */
  | 'worker-failed'
  /** The browser, or a page that is no secure context, lacks what the host that was asked for needs. */
  | 'unsupported';

/**
 * Where a stream stands.
 *
 * @public
 */
export interface Status {
  readonly state: WorkerStatus['state'];
  /** How many attempts in a row have failed. */
  readonly attempt: number;
  /** When the next attempt is made, in milliseconds of Unix time. */
  readonly retryAt: number | null;
  /** Why the stream is not plainly open. */
  readonly reason: Reason | null;
  /** The HTTP status behind the reason, where there was one. */
  readonly httpStatus: number | null;
  /** What can be done about the reason, in a sentence. */
  readonly advice: string | null;
  readonly transport: WorkerStatus['transport'];
  /** Where the connection lives. */
  readonly host: 'shared-worker' | 'leader' | 'page';
  /** The ID of the last event that this tab saw, or that came before it joined. */
  readonly lastEventId: string;
}

/**
 * Events were lost that cannot be had back: time to read the state anew.
 *
 * @public
 */
export interface Gap {
  /** The last event ID before the gap; empty where it is not known. */
  readonly fromId: string;
  /** The first event ID after the gap; empty where it is not known. */
  readonly toId: string;
  /** `relay-log`: the worker's log no longer had them. `server-log`: the server's had not. */
  readonly reason: 'relay-log' | 'server-log';
}

/**
 * What {@link connect} takes. All durations are in milliseconds.
 *
 * @public
 */
export interface ConnectOptions {
  /** The token, or a function that gets a fresh one; it is called again when the server rejects one. */
  token?: string | (() => string | Promise<string>);
  /** Whose stream it is. Default: from the token, its `sub` where it is a JWT. */
  identity?: string;
  /**
   * How the stream is read: by the browser's `EventSource`, or by a streaming `fetch`, which sees
   * statuses and can set headers. Default: `auto`, which takes `fetch` where `headers`, `method`
   * or `body` is given.
   */
  transport?: 'auto' | 'eventsource' | 'fetch';
  /** Request headers. */
  headers?: Record<string, string>;
  /** The request's method. Default: `GET`. */
  method?: string;
  /** The request's body. */
  body?: string;
  /** Whether cookies travel to another origin. Default: false. */
  withCredentials?: boolean;
  /** The last event ID to start from. */
  lastEventId?: string;
  /**
   * How many of the latest events that this tab listens for it gets, when it joins a stream that
   * other tabs have open already: 0 to 1024, as far as the worker keeps them. Default: 0.
   */
  replay?: number;
  /**
   * The event types of which this tab gets the last event, when it joins a stream that other tabs
   * have open already, `['presence']` for instance. They come first, with `via: 'replay'`. An event
   * of more than 64 Ki characters is not kept. Default: none.
   */
  sticky?: string[];
  /**
   * Whether a page that is opened after a crash or a restart of the browser goes on where the last
   * one stopped (`persistent`, kept in IndexedDB) or starts with what is sent from now on. A tab's
   * own reload goes on in either case. Default: `memory`.
   */
  cursor?: 'memory' | 'persistent';
  /**
   * Where the connection lives: in a SharedWorker; in one tab, which leads the others; or in each
   * page by itself. Default: `auto`, the first of these that the browser has.
   */
  host?: 'auto' | 'shared-worker' | 'leader' | 'page';
  backoff?: {
    /** The first wait's ceiling. Default: 1000. */
    base?: number;
    /** What each ceiling is of the one before. Default: 2. */
    factor?: number;
    /** The highest ceiling. Default: 30000. */
    cap?: number;
    /** The share of a wait that is left to chance, 0 to 1. Default: 1. */
    jitter?: number;
    /** How long a stream must have been open, with data, for the count to start anew. Default: 10000. */
    resetAfter?: number;
    /** How many attempts in a row may fail after the first. Default: no limit. */
    maxAttempts?: number;
  };
  /** How long a connection may take to open. Default: 10000. */
  connectTimeout?: number;
  watchdog?: {
    /** How long an open stream may be without its first event. Default: 15000. */
    firstData?: number;
    /** How long an open stream may be silent. Default: 75000. */
    silence?: number;
  };
  /** Where to poll while the stream is mute, and how often. Default: do not; interval 5000. */
  poll?: { url: string | URL; interval?: number };
  /** How long all tabs may be hidden before the stream is paused. Default: false, for ever. */
  pauseWhenHidden?: false | number;
  /**
   * Schemas by event type, of zod, valibot or another library of the Standard Schema. What fits
   * goes to the listeners, and `json()` gives what the schema made of it; what does not goes to
   * `onError` and to no listener. A schema that answers with a promise is turned down: the events
   * behind it would have to wait, or come out of order.
   */
  validators?: Validators;
  /** Where the worker's script is, for a host that moves it. Default: beside this module. */
  workerUrl?: string | URL;
}
