import { TabcastError } from './index.js';
import type { Inspection, StreamInspection } from './inspection.js';
import { type Lag, LagMeter } from './lag.js';
import type { TabStream } from './stream.js';
import type { TabEvent } from './types.js';

export type { Lag };

/** Something that the operator should know of. */
export interface Warning {
  /**
   * `several-connections`: this user has more than one in this browser.
   * `several-runtimes`: pages of several versions or hosts are open, each with its own connections.
   */
  readonly code: 'several-connections' | 'several-runtimes';
  /** A sentence that says what to do. */
  readonly message: string;
}

/**
 * What a stream does for its users, in figures: those of the whole browser, as this tab's worker
 * counted them since the stream's first tab joined, unless they are said to be this tab's.
 *
 * @public
 */
export interface Metrics {
  /** In milliseconds of Unix time. */
  readonly at: number;
  /** When this tab began to measure, in milliseconds of Unix time. */
  readonly since: number;
  /** How late events came to this tab, since then; nothing where none says when it was sent. */
  readonly lag: Lag | null;
  /** How often this tab was told of lost events, since then. */
  readonly gaps: number;
  readonly events: number;
  /** Those of the events that came by polling. */
  readonly polled: number;
  readonly polls: number;
  /** New connections by what had ended the one before. */
  readonly reconnects: StreamInspection['counters']['reconnects'];
  /** How often the stream came back, and in how many milliseconds in the mean and at most. */
  readonly recovery: { readonly count: number; readonly mean: number; readonly longest: number };
  /** How many tabs share this stream. */
  readonly tabs: number;
  /** How many connections this user has open in this browser; one is right. */
  readonly connections: number;
  /** How many fewer connections there are, of all users, than with one for each tab. */
  readonly connectionsSaved: number;
  readonly warnings: readonly Warning[];
}

/** What {@link TabStream.onMetrics} takes. */
export interface MetricsOptions {
  /** How often to report, in milliseconds. Default: 60000. */
  interval?: number;
  /**
   * When the server sent an event, in milliseconds of Unix time; nothing where it does not say,
   * which is also what an error in it means.
   * Default: the `timestamp` (RFC 3339) in `ping`, `connected` and `connection_confirmed`.
   */
  timestamp?: (event: TabEvent) => number | null | undefined;
}

const SHORTEST = 100;
const LONGEST = 2 ** 31 - 1;

/** Throws a {@link TabcastError} that says what is wrong with the options. */
export function checkMetricsOptions(options: MetricsOptions): { interval: number } {
  const { interval = 60_000, timestamp } = options;
  if (!(typeof interval === 'number' && interval >= SHORTEST && interval <= LONGEST)) {
    const what = `a number of milliseconds from ${SHORTEST} to ${LONGEST}`;
    throw new TabcastError('invalid-option', `\`interval\` must be ${what}.`);
  }
  if (timestamp !== undefined && typeof timestamp !== 'function') {
    throw new TabcastError('invalid-option', '`timestamp` must be a function of an event.');
  }
  return { interval };
}

/** What this tab measures by itself, from now on. */
export class Measurement {
  readonly #since = Date.now();
  readonly #meter = new LagMeter();
  readonly #ended = new AbortController();
  #gaps = 0;

  constructor(stream: TabStream, { timestamp = heartbeatTime }: MetricsOptions) {
    const { signal } = this.#ended;
    const measure = (event: TabEvent) => {
      try {
        const sentAt = timestamp(event);
        if (typeof sentAt === 'number') this.#meter.add(sentAt, event.receivedAt);
      } catch {
        // An event that is not what the function takes it for says no time.
      }
    };
    stream.on('*', measure, { signal });
    stream.on('ping', measure, { signal });
    const off = stream.onGap(() => {
      this.#gaps += 1;
    });
    signal.addEventListener('abort', off);
  }

  end(): void {
    this.#ended.abort();
  }

  async metrics(inspection: Inspection): Promise<Metrics> {
    const runtimes = await countRuntimes();
    const measured = { since: this.#since, lag: this.#meter.lag(), gaps: this.#gaps };
    return { ...measured, ...figures(inspection, runtimes) };
  }
}

const CONNECTED = ['connecting', 'open', 'polling'];

/** What an inspection says in figures: pure. */
export function figures(
  { at, streams, tabs }: Inspection,
  runtimes: number,
): Omit<Metrics, 'since' | 'lag' | 'gaps'> {
  const mine = tabs.find(({ self }) => self)?.stream;
  const stream = streams.find(({ id }) => id === mine);
  const connected = streams.filter(({ status }) => CONNECTED.includes(status.state));
  const own = connected.filter((each) => each.own);
  const { events = 0, polled = 0, polls = 0, reconnects = {} } = stream?.counters ?? {};
  const { recoveries = 0, recoveryTime = 0, longestRecovery = 0 } = stream?.counters ?? {};
  const served = connected.reduce((sum, each) => sum + each.tabs, 0);
  return {
    at,
    events,
    polled,
    polls,
    reconnects,
    recovery: {
      count: recoveries,
      mean: recoveries ? recoveryTime / recoveries : 0,
      longest: longestRecovery,
    },
    tabs: stream?.tabs ?? 0,
    connections: own.length,
    connectionsSaved: served - connected.length,
    warnings: warnings(own, runtimes),
  };
}

function warnings(own: readonly StreamInspection[], runtimes: number): Warning[] {
  const found: Warning[] = [];
  if (own.length > 1) {
    const urls = own.map(({ url }) => url).join(', ');
    found.push({
      code: 'several-connections',
      message: `This user has ${own.length} connections in this browser (${urls}): tabs share one only where the whole URL, \`withCredentials\` and the identity are the same.`,
    });
  }
  if (runtimes > 1) {
    found.push({
      code: 'several-runtimes',
      message: `${runtimes} runtimes are at work for this origin: pages of two versions are open together, or pages with another \`host\` or \`workerUrl\`; each runtime has a connection of its own.`,
    });
  }
  return found;
}

/** How many workers, or pages in their place, hold connections of this origin. */
async function countRuntimes(): Promise<number> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return held.filter(({ name }) => name?.startsWith('tabcast/worker/')).length;
}

const HEARTBEATS = ['ping', 'connected', 'connection_confirmed'];

function heartbeatTime({ type, data }: TabEvent): number | null {
  if (!HEARTBEATS.includes(type)) return null;
  const time = /"timestamp":\s*"([^"]{1,40})"/.exec(data.slice(0, 4_096))?.[1];
  return time === undefined ? null : Date.parse(time);
}
