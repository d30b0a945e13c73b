import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inspected, WorkerStatus } from '../worker/messages.js';
import { inspectionOf } from './inspection.js';
import { checkMetricsOptions, figures } from './metrics.js';

const status = (state: WorkerStatus['state']): WorkerStatus => ({
  state,
  attempt: 0,
  retryIn: state === 'waiting' ? 700 : null,
  reason: null,
  httpStatus: null,
  advice: null,
  transport: 'eventsource',
  lastEventId: '',
});

type Stream = Inspected[2][number];
const stream = (id: number, own: boolean, state: WorkerStatus['state'] = 'open'): Stream => [
  id,
  own,
  `http://a.test/${id}`,
  status(state),
  ['watchdog', 500],
  3,
  [4, 50, 5_000, 2, 6, 1, 0, 2, 3_000, 2_500, 'cut', 2, 'muted', 1],
];
const tab = (id: number, of: number): Inspected[3][number] => [id, of, true, false, []];
const inspect = (streams: Stream[], tabs: Inspected[3]) =>
  inspectionOf([1, 7, streams, tabs, []], 'shared-worker', 10_000);

test('rows get their names, and what is relative a time', () => {
  const rows: Inspected = [
    1,
    7,
    [stream(1, true, 'waiting')],
    [tab(7, 1), tab(8, 1)],
    [[250, 'status', 1, null, 'waiting', 'unavailable', 503]],
  ];
  const { streams, tabs, transitions } = inspectionOf(rows, 'leader', 10_000);
  assert.equal(streams[0]?.status.retryAt, 10_700);
  assert.equal(streams[0]?.status.host, 'leader');
  assert.deepEqual(streams[0]?.timers, [{ name: 'watchdog', at: 10_500 }]);
  assert.equal(streams[0]?.tabs, 2);
  assert.deepEqual(streams[0]?.counters.reconnects, { cut: 2, muted: 1 });
  assert.equal(streams[0]?.counters.longestRecovery, 2_500);
  assert.deepEqual(
    tabs.map(({ self }) => self),
    [true, false],
  );
  assert.equal(transitions[0]?.at, 9_750);
  assert.equal(transitions[0]?.httpStatus, 503);
});

test('three tabs of one stream save two connections', () => {
  const inspection = inspect([stream(1, true)], [tab(7, 1), tab(8, 1), tab(9, 1)]);
  const metrics = figures(inspection, 1);
  assert.deepEqual(
    [metrics.tabs, metrics.connections, metrics.connectionsSaved, metrics.warnings],
    [3, 1, 2, []],
  );
  assert.deepEqual(metrics.recovery, { count: 2, mean: 1_500, longest: 2_500 });
  assert.deepEqual([metrics.polls, metrics.polled, metrics.events], [6, 2, 50]);
});

test('a second connection of the same user is warned of, another user’s is not', () => {
  const tabs = [tab(7, 1), tab(8, 2), tab(9, 3)];
  const two = figures(inspect([stream(1, true), stream(2, true), stream(3, false)], tabs), 1);
  assert.equal(two.connections, 2);
  assert.deepEqual(
    two.warnings.map(({ code }) => code),
    ['several-connections'],
  );
  assert.match(two.warnings[0]?.message ?? '', /http:\/\/a.test\/1, http:\/\/a.test\/2/);
  const one = figures(inspect([stream(1, true), stream(3, false)], tabs), 1);
  assert.deepEqual(one.warnings, []);
  const closed = figures(inspect([stream(1, true), stream(2, true, 'closed')], tabs), 1);
  assert.deepEqual(closed.warnings, []);
});

test('several runtimes are warned of', () => {
  const { warnings } = figures(inspect([stream(1, true)], [tab(7, 1)]), 2);
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['several-runtimes'],
  );
});

test('wrong options are refused with a sentence', () => {
  const refused = (options: object) =>
    assert.throws(() => checkMetricsOptions(options), {
      code: 'invalid-option',
      message: /must be/,
    });
  for (const interval of [0, 99, -1, Number.NaN, 2 ** 31, '1s']) refused({ interval });
  refused({ timestamp: 'created_at' });
  assert.deepEqual(checkMetricsOptions({}), { interval: 60_000 });
});
