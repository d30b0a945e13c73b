import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seen } from './seen.js';

/** Which of the events, behind one with the ID `before`, the tab saw before. */
function repeats(seen: Seen, before: string, ...ids: string[]): boolean[] {
  return ids.map((id, index) => seen.isRepeat(id, ids[index - 1] ?? before));
}

function saw(...ids: string[]): Seen {
  const seen = new Seen();
  seen.begin([], false);
  assert.ok(!repeats(seen, '', ...ids).includes(true));
  return seen;
}

test('what a stream that began behind the tab gives again is known', () => {
  const seen = saw('1', '2', '3');
  seen.begin(['1'], false);
  assert.deepEqual(repeats(seen, '1', '1@c', '2', '3', '4'), [false, true, true, false]);
  seen.begin(['1'], false);
  assert.deepEqual(repeats(seen, '1', '2', '3', '4', '5'), [true, true, true, false]);
});

test('an event without an ID of its own is no repeat', () => {
  const seen = saw('1', '2', '2', '3');
  seen.begin(['2'], false);
  assert.deepEqual(repeats(seen, '2', '2', '3', '3', '4'), [false, true, false, false]);
});

test('within a life of the stream nothing is a repeat: the worker sees to that', () => {
  assert.deepEqual(repeats(saw('1', '2'), '2', '1'), [false]);
});

test('it is the same event whatever overtook it', () => {
  const seen = saw('1', '3~sent=3');
  seen.begin(['1'], false);
  assert.deepEqual(repeats(seen, '1', '2', '3~sent=2.3'), [false, true]);
});

test('a page goes on with what the one before it saw', () => {
  const seen = new Seen(saw('1', '2').recent);
  seen.begin(['1'], false);
  assert.deepEqual(repeats(seen, '1', '2', '3'), [true, false]);
});

test('what came before a tab began is nothing to it, should the stream go back', () => {
  const seen = new Seen();
  seen.begin(['1', '2', '3'], false);
  assert.deepEqual(seen.recent, ['1', '2', '3']);
  seen.begin(['1'], false);
  assert.deepEqual(repeats(seen, '1', '2', '3', '4'), [true, true, false]);
});

test('what a tab was told is lost does not come behind what follows', () => {
  const seen = saw('1', '2');
  seen.begin(['5', '6', '7'], true);
  assert.deepEqual(seen.recent, ['5', '6', '7']);
  seen.begin(['2'], false);
  assert.deepEqual(repeats(seen, '2', '5', '6', '7', '8'), [true, true, true, false]);
});

test('what was seen before a gap is known again, and told to no worker', () => {
  const seen = saw('1', '2');
  seen.skip();
  assert.deepEqual(seen.recent, []);
  assert.ok(seen.has('2') && !seen.has('3'));
  assert.deepEqual(repeats(seen, '2', '9', '2'), [false, true]);
  assert.ok(seen.has('9'));
});

test('no more than 256 are remembered', () => {
  const ids = Array.from({ length: 300 }, (_, id) => String(id));
  assert.deepEqual(saw(...ids).recent, ids.slice(-256));
});
