import type { ConnectOptions } from '../page/types.js';

/**
 * What pages and the worker say to each other. The Rust twins are in `core/src/messages.rs` (over
 * a tab's port) and `client-wasm/src/batch.rs` (over a stream's channel).
 */

/** Part of the worker's name: pages of another version of the protocol have another worker. */
export const PROTOCOL = 1;

/**
 * The name of a runtime with as many before it that stopped answering: a name leads to the one
 * that hangs for as long as it lives.
 */
export const inGeneration = (name: string, generation: number): string =>
  generation ? `${name}.${generation}` : name;

/** A stream's options as they cross to the worker: checked, with durations in milliseconds. */
export interface StreamOptions
  extends Pick<
    ConnectOptions,
    | 'method'
    | 'body'
    | 'withCredentials'
    | 'lastEventId'
    | 'backoff'
    | 'connectTimeout'
    | 'watchdog'
  > {
  transport: 'eventsource' | 'fetch';
  /** Names and values by turns. */
  headers?: string[];
  poll?: { url: string; interval?: number };
  pauseWhenHidden?: number;
}

/** A tab's mirror of the cursor. */
export interface Resume {
  epoch: string;
  /** The sequence number that the tab waits for. */
  next: number;
  lastEventId: string;
  /** The IDs of the events that it saw lately, in the server's order. */
  recent: readonly string[];
}

export interface Hello {
  lock: string;
  url: string;
  identity: string;
  options: StreamOptions;
  token: string | undefined;
  providesToken: boolean;
  clientId: string;
  types: string[];
  visible: boolean;
  online: boolean;
  resume: Resume | undefined;
  /** How many of the latest events that it listens for the tab wants, where it begins. */
  replay: number | undefined;
  /** The types of which it wants the last event, where it begins. */
  sticky: readonly string[] | undefined;
}

export type ToWorker =
  | { hello: Hello }
  | { listen: { types: string[] } }
  | { want: { from: number; to: number } }
  | { token: { request: number; token: string | undefined } }
  | { visibility: { visible: boolean } }
  | { network: { online: boolean } }
  | { inspect: { request: number } }
  /** The tab holds the lock that its hello named. */
  | 'held'
  | 'sync'
  | 'reconnect'
  | 'refresh-token'
  | 'leave';

/** A status as the worker tells it; the page adds what only a page knows. */
export interface WorkerStatus {
  state:
    | 'idle'
    | 'connecting'
    | 'open'
    | 'waiting'
    | 'polling'
    | 'offline'
    | 'needs-auth'
    | 'closed';
  attempt: number;
  /** Milliseconds until the next attempt. */
  retryIn: number | null;
  reason:
    | 'muted'
    | 'silent'
    | 'cut'
    | 'refused'
    | 'timeout'
    | 'unauthorized'
    | 'server-closed'
    | 'rejected'
    | 'unavailable'
    | 'wrong-content-type'
    | 'too-large'
    | 'offline'
    | 'woke'
    | 'hidden'
    | 'superseded'
    | 'exhausted'
    | 'requested'
    | null;
  httpStatus: number | null;
  advice: string | null;
  transport: 'eventsource' | 'fetch';
  lastEventId: string;
}

/** A stretch of events that is lost. An empty ID is one that the worker does not know. */
export interface Lost {
  fromId: string;
  toId: string;
  reason: 'relay-log';
}

/**
 * Consecutive events; without any a beacon that says how far the stream is. The number 0 is outside
 * of the sequence: the last events of the types that a tab wants where it begins.
 */
export interface Batch {
  type: 'batch';
  epoch: string;
  /** The sequence number of the first event, or of the next to come. */
  first: number;
  via: 'stream' | 'poll' | 'replay';
  origin: string;
  /** Holds each event's data, one behind the other, perhaps with a few characters in between. */
  text: string;
  /** Holds each event's ID. */
  ids: string;
  /** The different event types. */
  types: string[];
  /**
   * Five numbers for each event: which of the types it has, where in `text` its data starts and
   * ends, where in `ids` its ID does.
   */
  places: Uint32Array;
  /** When the worker received each, in milliseconds of Unix time. */
  times: Float64Array;
}

/** What there is in the worker, in rows; `client-wasm/src/inspection.rs` writes them. */
export type Inspected = [
  request: number,
  /** The tab that asked. */
  viewer: number,
  streams: [
    id: number,
    own: boolean,
    url: string,
    status: WorkerStatus,
    /** Name and milliseconds by turns. */
    timers: (string | number)[],
    kept: number,
    /** Ten figures, then reasons and how often each had a new connection made, by turns. */
    counters: (string | number)[],
  ][],
  tabs: [id: number, stream: number, visible: boolean, providesToken: boolean, types: string[]][],
  transitions: [
    /** Milliseconds. */
    ago: number,
    kind: string,
    stream: number,
    tab: number | null,
    state: WorkerStatus['state'] | null,
    reason: WorkerStatus['reason'],
    httpStatus: number | null,
  ][],
];

export type FromWorker =
  /** The worker holds this lock as long as it lives. */
  | { type: 'alive'; lock: string }
  /** The worker cannot run: the WebAssembly did not load or did not start. */
  | { type: 'failed'; message: string }
  | {
      type: 'welcome';
      epoch: string;
      next: number;
      channel: string;
      status: WorkerStatus;
      optionsDiffer: boolean;
      /** The IDs of the latest events before `next`; none where the tab keeps its place. */
      recent: string[];
      gap: Lost | null;
    }
  | { type: 'status'; status: WorkerStatus }
  | { type: 'gap'; epoch: string; next: number; gap: Lost }
  | { type: 'token-request'; request: number }
  | { type: 'inspection'; rows: Inspected }
  | Batch;
