/**
 * Events of `size` bytes of data. A server that sends them as they happen writes each singly; one
 * that has many at hand, to a client that resumes, writes many together.
 */
const SINGLY = { size: 100, write: 1 };
const TOGETHER = { size: 100, write: 65_536 };

/** What the full run and `--quick` measure. */
export const plans = {
  full: {
    engines: ['chromium', 'firefox'],
    // Events by number of tabs.
    counts: { 1: 50_000, 5: 20_000, 20: 5_000 },
    shapes: [SINGLY, { size: 1_000, write: 1 }, TOGETHER],
    rounds: 3,
    latencyRounds: 3,
    joins: 9,
  },
  quick: {
    engines: ['chromium'],
    counts: { 1: 20_000, 5: 8_000 },
    shapes: [SINGLY, TOGETHER],
    rounds: 3,
    latencyRounds: 1,
    joins: 5,
  },
};

export const NATIVE = 'native EventSource';
const OURS = ['tabcast, eventsource', 'tabcast, fetch'];
const PEERS = ['@microsoft/fetch-event-source', 'eventsource-client', 'reconnecting-eventsource'];

/** Peers are left out where each of many tabs would have to take its turn with each of them. */
export const contestantsOf = (tabs) =>
  tabs <= 5 ? [NATIVE, ...OURS, ...PEERS] : [NATIVE, ...OURS];

/** Those that the latency is measured of. */
export const LATENCY = [NATIVE, ...OURS];

/** Events that count for nothing, to have each contestant's code compiled. */
export const WARM_UP = 1_000;
