import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numbered as batch } from '../tests/page/encode.js';
import type { Batch } from '../worker/messages.js';
import { BatchEvent, countOf } from './batch.js';
import { receive, type Sequence, skip, startAt } from './sequence.js';

/** The data of a batch's events from one on. */
const dataOf = (batch: Batch, from = 0) =>
  Array.from(
    { length: countOf(batch) - from },
    (_, index) => new BatchEvent(batch, from + index).data,
  );

/** Takes the batches in and gives what was dispatched, what was wanted, and the end. */
function run(start: Sequence, ...batches: Batch[]) {
  const got: string[] = [];
  const wants: { from: number; to: number }[] = [];
  let sequence = start;
  for (const each of batches) {
    const step = receive(sequence, each);
    for (const { batch, from } of step.dispatch) got.push(...dataOf(batch, from));
    if (step.want) wants.push(step.want);
    sequence = step.sequence;
  }
  return { got, wants, sequence };
}

const numbers = (first: number, end: number) => dataOf(batch(first, end));

test('consecutive batches are dispatched as they come', () => {
  const { got, wants } = run(startAt('e', 1), batch(1, 4), batch(4, 5), batch(5, 9));
  assert.deepEqual(got, numbers(1, 9));
  assert.deepEqual(wants, []);
});

test('repeats are dropped, also those in part', () => {
  const { got } = run(startAt('e', 1), batch(1, 4), batch(1, 3), batch(2, 6), batch(4, 6));
  assert.deepEqual(got, numbers(1, 6));
});

test('a hole is asked for once, and what came early follows it', () => {
  const { got, wants } = run(
    startAt('e', 1),
    batch(1, 2),
    batch(5, 7),
    batch(7, 8),
    batch(2, 5),
    batch(8, 9),
  );
  assert.deepEqual(wants, [{ from: 2, to: 5 }]);
  assert.deepEqual(got, numbers(1, 9));
});

test('a second hole behind the first is asked for when the first is filled', () => {
  const { got, wants } = run(startAt('e', 1), batch(3, 4), batch(6, 7), batch(1, 3), batch(4, 6));
  assert.deepEqual(wants, [
    { from: 1, to: 3 },
    { from: 4, to: 6 },
  ]);
  assert.deepEqual(got, numbers(1, 7));
});

test('a beacon reveals that the end is missing, and says nothing where all is there', () => {
  assert.deepEqual(run(startAt('e', 1), batch(1, 4), batch(4, 4)).wants, []);
  const { got, wants } = run(startAt('e', 1), batch(1, 4), batch(9, 9), batch(4, 9));
  assert.deepEqual(wants, [{ from: 4, to: 9 }]);
  assert.deepEqual(got, numbers(1, 9));
});

test('a batch of another epoch is not taken in', () => {
  const { got, wants, sequence } = run(startAt('e', 1), batch(1, 9, 'of another life'));
  assert.deepEqual([got, wants, sequence.next], [[], [], 1]);
});

test('any order of any overlapping pieces gives every event once and in order', () => {
  let state = 1;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  for (let round = 0; round < 500; round++) {
    const pieces = Array.from({ length: 12 }, () => {
      const first = 1 + random(30);
      return batch(first, first + random(8));
    });
    const shuffled = [...pieces, batch(1, 40)].sort(() => random(3) - 1);
    const { got, sequence } = run(startAt('e', 1), ...shuffled);
    assert.deepEqual(got, numbers(1, sequence.next));
    assert.equal(sequence.next, 40);
  }
});

test('what is held is bounded', () => {
  let { sequence } = run(startAt('e', 1));
  for (let first = 3; first < 1_000; first += 2) {
    ({ sequence } = receive(sequence, batch(first, first + 1)));
  }
  assert.ok(sequence.held.length <= 64);
});

test('a gap leads on, never back, and what was held behind it follows', () => {
  const { sequence } = run(startAt('e', 1), batch(1, 3), batch(7, 9));
  const step = skip(sequence, 7);
  assert.equal(step.sequence.next, 9);
  assert.deepEqual(
    step.dispatch.flatMap(({ batch, from }) => dataOf(batch, from)),
    numbers(7, 9),
  );
  assert.equal(skip(step.sequence, 2).sequence.next, 9);
});
