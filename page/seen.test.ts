import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Seen } from './seen.js';

const saw = (...ids: string[]) => {
  const seen = new Seen();
  seen.begin('');
  for (const id of ids) assert.equal(seen.isRepeat(id), false);
  return seen;
};
const repeats = (seen: Seen, ...ids: string[]) => ids.map((id) => seen.isRepeat(id));

test('what a stream that began behind the tab gives again is known', () => {
  const seen = saw('1', '2', '3');
  seen.begin('1');
  assert.deepEqual(repeats(seen, '1@c', '2', '3', '4'), [false, true, true, false]);
});

test('an event without an ID of its own is no repeat', () => {
  const seen = saw('1', '2', '2', '3');
  seen.begin('2');
  assert.deepEqual(repeats(seen, '2', '3', '3', '4'), [false, true, false, false]);
});

test('within a life of the stream nothing is a repeat: the worker sees to that', () => {
  assert.deepEqual(repeats(saw('1', '2'), '1'), [false]);
});

test('it is the same event whatever overtook it', () => {
  const seen = saw('1', '3~sent=3');
  seen.begin('1');
  assert.deepEqual(repeats(seen, '2', '3~sent=2.3'), [false, true]);
});

test('a page goes on with what the one before it saw', () => {
  const seen = new Seen(saw('1', '2').recent);
  seen.begin('1');
  assert.deepEqual(repeats(seen, '2', '3'), [true, false]);
});

test('no more than 256 are remembered', () => {
  const ids = Array.from({ length: 300 }, (_, id) => String(id));
  assert.deepEqual(saw(...ids).recent, ids.slice(-256));
});
