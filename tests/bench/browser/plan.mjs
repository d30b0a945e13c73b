/**
 * Events of `size` bytes of data. A server that sends them as they happen writes each singly; one
 * that has many at hand, to a client that resumes, writes many together.
 */
const SINGLY = { size: 100, write: 1 };
const TOGETHER = { size: 100, write: 65_536 };

/**
 * Events in a run: fewer are over before a contestant's code is compiled, and before a hundredth of
 * a second of CPU time is little of it.
 */
export const COUNT = 50_000;

/** What the full run and `--quick` measure. */
export const plans = {
  full: {
    engines: ['chromium', 'firefox'],
    tabs: [1, 5, 20],
    shapes: [SINGLY, { size: 1_000, write: 1 }, TOGETHER],
    rounds: 3,
    latencyRounds: 3,
    joins: 9,
    starts: 7,
    /** Where it is measured how cost grows. */
    growsIn: 'chromium',
  },
  quick: {
    engines: ['chromium'],
    tabs: [1, 5],
    shapes: [SINGLY, TOGETHER],
    rounds: 3,
    latencyRounds: 1,
    joins: 5,
    starts: 5,
    growsIn: '',
  },
};

/** How cost grows with one thing, the others as they are: in at most so many bytes to each tab. */
export const growth = {
  tabs: [1, 2, 5, 10, 20, 50],
  sizes: [10, 100, 1_000, 10_000, 100_000, 1_000_000],
  streams: [1, 2, 5, 10],
  types: [1, 10, 100, 250],
  rounds: 3,
  /** Tabs while the size grows. */
  tabsForSizes: 5,
  count: (size, streams = 1) =>
    Math.max(20, Math.round(Math.min(30_000, 30_000_000 / size) / streams)),
};

export const TABS_FOR_PROFILE = 5;

export const NATIVE = 'native EventSource';
export const EVENTSOURCE = 'tabcast, eventsource';
const FETCH = 'tabcast, fetch';
const OURS = [EVENTSOURCE, FETCH];
const PEERS = ['@microsoft/fetch-event-source', 'eventsource-client', 'reconnecting-eventsource'];

/** What is to be reached: of native at least so much throughput and at most so much CPU, by tabs. */
export const targets = {
  rate: { [EVENTSOURCE]: { 1: 5, 5: 15, 20: 40 }, [FETCH]: { 1: 12, 5: 25 } },
  cpu: { [EVENTSOURCE]: { 5: 0.15 }, [FETCH]: { 5: 0.15 } },
  /** Milliseconds beyond native. */
  latency: { 0.5: 0.6, 0.99: 3 },
  start: 60,
  /** Milliseconds, and megabytes. */
  join: 10,
  memory: 0.3,
};

/** Peers are left out where each of many tabs would have to take its turn with each of them. */
export const contestantsOf = (tabs) =>
  tabs <= 5 ? [NATIVE, ...OURS, ...PEERS] : [NATIVE, ...OURS];

/** Those that are measured where the peers are not. */
export const WITHOUT_PEERS = [NATIVE, ...OURS];

/** Events that count for nothing, to have each contestant's code compiled. */
export const WARM_UP = 5_000;
