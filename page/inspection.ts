import type { Inspected, WorkerStatus } from '../worker/messages.js';
import type { Status } from './types.js';

/** What a stream waits for. */
export interface Timer {
  readonly name:
    | 'retry'
    | 'connect-timeout'
    | 'watchdog'
    | 'poll'
    | 'poll-timeout'
    | 'token-timeout'
    | 'pause';
  /** When it is due, in milliseconds of Unix time. */
  readonly at: number;
}

/** What a stream has counted since its first tab joined. */
export interface Counters {
  /** Connections that were tried. */
  readonly attempts: number;
  /** Events that were relayed, however they came. */
  readonly events: number;
  /** Their data, in UTF-16 units. */
  readonly units: number;
  /** Those of the events that came by polling. */
  readonly polled: number;
  readonly polls: number;
  /** Gaps that tabs were told of; each tab's counts. */
  readonly gaps: number;
  readonly tokenRequests: number;
  /** How often the stream was open again after it had not been. */
  readonly recoveries: number;
  /** How long those took in all, in milliseconds. */
  readonly recoveryTime: number;
  /** The longest of them, in milliseconds. */
  readonly longestRecovery: number;
  /** The connections that were tried after another, by what had ended that one. */
  readonly reconnects: Readonly<Partial<Record<NonNullable<WorkerStatus['reason']>, number>>>;
}

export interface StreamInspection {
  /** Never used again in the same worker. */
  readonly id: number;
  /** Whether it belongs to this tab's user. */
  readonly own: boolean;
  /** Without user and query; of another user's stream the origin alone. */
  readonly url: string;
  /** Where it stands; without the last event ID where it is another user's. */
  readonly status: Status;
  readonly timers: readonly Timer[];
  /** How many tabs it serves. */
  readonly tabs: number;
  /** How many events the worker keeps for tabs that miss some. */
  readonly kept: number;
  readonly counters: Counters;
}

export interface TabInspection {
  /** Never used again in the same worker. */
  readonly id: number;
  /** The number of its stream. */
  readonly stream: number;
  /** Whether it is this tab. */
  readonly self: boolean;
  readonly visible: boolean;
  /** Whether it can give a fresh token. */
  readonly providesToken: boolean;
  /** The event types that it listens for; none are shown of another user's tab. */
  readonly types: readonly string[];
}

/** One change of a stream or a tab. */
export interface Transition {
  /** When it was, in milliseconds of Unix time. */
  readonly at: number;
  readonly kind:
    | 'status'
    | 'connect'
    | 'poll'
    | 'gap'
    | 'token-asked'
    | 'token-given'
    | 'tab-joined'
    | 'tab-left'
    | 'tab-shown'
    | 'tab-hidden';
  readonly stream: number;
  readonly tab: number | null;
  /** The state, the reason and the HTTP status after a change of `status`. */
  readonly state: WorkerStatus['state'] | null;
  readonly reason: WorkerStatus['reason'];
  readonly httpStatus: number | null;
}

/**
 * The worker at one moment, as one tab may see it.
 *
 * @public
 */
export interface Inspection {
  /** The moment, in milliseconds of Unix time. */
  readonly at: number;
  readonly streams: readonly StreamInspection[];
  readonly tabs: readonly TabInspection[];
  /** The last 200, the oldest first. */
  readonly transitions: readonly Transition[];
}

/** Gives the worker's rows their names. */
export function inspectionOf(rows: Inspected, host: Status['host'], now: number): Inspection {
  const [, viewer, streams, tabs, transitions] = rows;
  return {
    at: now,
    streams: streams.map(([id, own, url, { retryIn, ...status }, timers, kept, counters]) => ({
      id,
      own,
      url,
      status: { ...status, retryAt: retryIn === null ? null : now + retryIn, host },
      timers: pairs(timers).map(([name, due]) => ({ name, at: now + Number(due) }) as Timer),
      tabs: tabs.filter(([, stream]) => stream === id).length,
      kept,
      counters: countersOf(counters),
    })),
    tabs: tabs.map(([id, stream, visible, providesToken, types]) => ({
      id,
      stream,
      self: id === viewer,
      visible,
      providesToken,
      types,
    })),
    transitions: transitions.map(([ago, kind, stream, tab, state, reason, httpStatus]) => ({
      at: now - ago,
      kind: kind as Transition['kind'],
      stream,
      tab,
      state,
      reason,
      httpStatus,
    })),
  };
}

const FIGURES = [
  'attempts',
  'events',
  'units',
  'polled',
  'polls',
  'gaps',
  'tokenRequests',
  'recoveries',
  'recoveryTime',
  'longestRecovery',
] as const;

function countersOf(row: (string | number)[]): Counters {
  const figures = FIGURES.map((name, index) => [name, row[index]]);
  const reconnects = Object.fromEntries(pairs(row.slice(FIGURES.length)));
  return { ...Object.fromEntries(figures), reconnects };
}

function pairs<T>(row: T[]): [T, T][] {
  return row.flatMap((value, index) => (index % 2 ? [[row[index - 1] as T, value]] : []));
}
