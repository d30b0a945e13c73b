import { table } from '../../../scripts/lib/table.mjs';
import { median, spread } from '../statistics.mjs';

const thousands = (value) => `${(value / 1_000).toFixed(1)} k`;
const decimals = (value) => value.toFixed(1);
const seconds = (value) => `${value.toFixed(2)} s`;

const atLeast = (least) => ({ text: `>= ${thousands(least)}`, met: ({ ours }) => ours >= least });
const atMost = (most) => ({ text: `<= ${most}`, met: ({ ours }) => ours <= most });
const ofNchan = (text, met) => ({ text, met: ({ ours, nchan }) => nchan && met(ours / nchan) });

/**
 * The rows of the report: a figure of a scenario, how it is written, and what there is to reach.
 * `met` is given the medians of ours, nchan's and the epoll loop's; for a scenario that varies
 * another, `plain` is ours in that other.
 */
const figures = [
  ['connects a second', 'fanout', 'connectsPerSecond', thousands, atLeast(12_000)],
  ['kB a connection, idle', 'fanout', 'idleKilobytes', decimals, atMost(12)],
  ['kB a connection, after load', 'fanout', 'loadedKilobytes', decimals, atMost(14)],
  ['kB a connection, after close', 'fanout', 'closedKilobytes', decimals, atMost(0)],
  ['kB more after 10,000 others came and went', 'fanout', 'leakedKilobytes', decimals, atMost(0.2)],
  ['fan-out at 1 a second, p50 ms', 'fanout', 'fanoutP50', decimals],
  [
    'fan-out at 1 a second, p99 ms',
    'fanout',
    'fanoutP99',
    decimals,
    ofNchan('<= 1x nchan', (ratio) => ratio <= 1),
  ],
  [
    'deliveries a second, singly',
    'fanout',
    'singlePerSecond',
    thousands,
    {
      text: '>= 1.2x nchan, >= 0.85x epoll',
      met: ({ ours, nchan, epoll }) => nchan && ours >= 1.2 * nchan && ours >= 0.85 * epoll,
    },
  ],
  [
    'deliveries a second, burst',
    'fanout',
    'burstPerSecond',
    thousands,
    ofNchan('>= 5x nchan', (ratio) => ratio >= 5),
  ],
  ['unicasts a second', 'unicast', 'unicastPerSecond', thousands, atLeast(11_000)],
  [
    '  with 500 connections',
    'unicast, 500 connections',
    'unicastPerSecond',
    thousands,
    { text: '<= 1.25x the above', met: ({ ours, plain }) => ours <= 1.25 * plain },
  ],
  ['unicast at 1,000 a second, p50 ms', 'unicast', 'unicastP50', decimals],
  ['unicast at 1,000 a second, p99 ms', 'unicast', 'unicastP99', decimals, atMost(1.5)],
  [
    '5,000 resume, 50 events each',
    'resume',
    'resumeSeconds',
    seconds,
    ofNchan('<= 0.3x nchan', (ratio) => ratio <= 0.3),
  ],
  [
    '  with 50,000 older events',
    'resume, 50,000 older events',
    'resumeSeconds',
    seconds,
    { text: '<= 1.25x the above', met: ({ ours, plain }) => ours <= 1.25 * plain },
  ],
];

/** The table, as text: medians, half the distance between the quartiles, ratios. */
export function report(results, present) {
  const rows = figures.map(([label, scenario, figure, written, goal]) => {
    const values = (server, of = scenario) => results[of][server]?.map((each) => each[figure]);
    const middle = (...which) => values(...which) && median(values(...which));
    const cell = (server) => {
      const all = values(server);
      return all ? `${written(median(all))} (±${Math.abs(spread(all)).toFixed(0)} %)` : '';
    };
    const medians = {
      ours: middle('tabcast'),
      nchan: middle('nchan'),
      epoll: middle('epoll'),
      plain: middle('tabcast', scenario.split(',')[0]),
    };
    const ratio = medians.nchan ? `${(medians.ours / medians.nchan).toFixed(2)}x` : '';
    return [label, ...present.map(cell), ratio, ...verdict(goal, medians)];
  });
  return table(['', ...present, 'to nchan', 'to reach', ''], rows);
}

function verdict(goal, medians) {
  if (!goal) return ['', ''];
  const met = goal.met(medians);
  if (met === undefined) return [goal.text, 'not compared'];
  return [goal.text, met ? 'met' : 'NOT MET'];
}
