import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, patience } from '../../www/diagnosis.js';
import { Heartbeats, History } from '../../www/lately.js';

const NOW = 1_000_000;

/** A page that is well; each test says what is not. */
function facts({ status = {}, live = {}, ...others }: Record<string, object> = {}) {
  return {
    session: { user: { id: 3 } },
    login: {},
    live: {
      status: { state: 'open', reason: null, httpStatus: null, ...status },
      history: new History(),
      heartbeats: new Heartbeats(),
      openSince: NOW - 60_000,
      heartbeat: NOW - 1_000,
      confirmed: { user_id: 3 },
      lastEventAt: null,
      types: ['new_message'],
      usualInterval: 10_000,
      ...live,
    },
    outbox: { late: 0 },
    lookup: null,
    server: { answers: true },
    now: NOW,
    ...others,
  };
}

const causeOf = (changes: Record<string, object>) => diagnose(facts(changes)).cause;

test('an open stream with heartbeats is well', () => {
  assert.equal(causeOf({}), 'fine');
});

test('whether the rest of the server answers tells a stream held back from a server gone', () => {
  const refused = { status: { state: 'waiting', reason: 'refused' } };
  const timeout = { status: { state: 'waiting', reason: 'timeout' } };
  const gone = { server: { answers: false } };
  assert.equal(causeOf(refused), 'refused');
  assert.equal(causeOf(timeout), 'mute');
  assert.equal(causeOf({ ...refused, ...gone }), 'server-away');
  assert.equal(causeOf({ ...timeout, ...gone }), 'server-away');
});

test('one cut is no habit; two are, until the stream has lasted', () => {
  const history = new History();
  const at = (state: string, reason: string | null, ago: number) =>
    history.add({ state, reason }, NOW - ago);
  at('open', null, 9_000);
  at('waiting', 'cut', 8_000);
  const waiting = { status: { state: 'waiting', reason: 'cut' }, live: { history } };
  assert.equal(causeOf(waiting), 'connecting');
  at('open', null, 7_000);
  assert.equal(causeOf({ live: { history } }), 'fine');
  at('waiting', 'cut', 6_000);
  at('connecting', 'cut', 5_500);
  assert.equal(causeOf(waiting), 'cut');
  at('open', null, 4_900);
  assert.deepEqual(diagnose(facts({ live: { history } })), {
    cause: 'cut',
    evidence: { httpStatus: null, times: 2 },
  });
  assert.equal(history.relapse(NOW + 200), null);
});

test('heartbeats that come together, and were sent apart, were buffered', () => {
  const heartbeats = new Heartbeats();
  for (const sent of [0, 1_000, 2_000]) heartbeats.add(sent, NOW - 500);
  assert.deepEqual(diagnose(facts({ live: { heartbeats } })), {
    cause: 'buffered',
    evidence: { milliseconds: 2_000 },
  });
  assert.equal(heartbeats.heldBack(NOW + 60_000), null, 'long ago');
  heartbeats.add(3_000, NOW + 500);
  heartbeats.add(4_000, NOW + 1_500);
  assert.equal(heartbeats.heldBack(NOW + 1_500), null, 'two came one by one');
});

test('without heartbeats it counts whether anything else comes', () => {
  const quiet = { heartbeat: NOW - 26_000 };
  assert.equal(causeOf({ live: { ...quiet } }), 'silent');
  assert.equal(causeOf({ live: { ...quiet, lastEventAt: NOW - 10 } }), 'no-heartbeat');
  assert.equal(causeOf({ live: { heartbeat: NOW - 24_000 } }), 'fine');
});

test('the interval is that of heartbeats within one connection', () => {
  const heartbeats = new Heartbeats();
  heartbeats.add(0, 0, true);
  heartbeats.add(100, 100, true);
  heartbeats.add(5_100, 5_100, false);
  assert.equal(heartbeats.interval(), null);
  heartbeats.add(15_100, 15_100, false);
  assert.equal(heartbeats.interval(), 10_000);
  assert.deepEqual([patience(null), patience(100), patience(10_000)], [75_000, 2_000, 25_000]);
});

test('a message that the server has and the tab lacks is told with its type', () => {
  const lookup = { done: true, found: true, type: 'new_message' };
  const { cause, evidence } = diagnose(
    facts({ outbox: { late: 1 }, lookup, live: { types: ['new_mesage'] } }),
  );
  assert.equal(cause, 'not-mine');
  assert.equal(evidence.type, 'new_message');
  assert.equal(causeOf({ live: { confirmed: { user_id: 4 } } }), 'other-user');
});
