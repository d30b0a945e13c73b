import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './compare.mjs';

const log = ['1', '2', '3', '4', '5'];
const events = (...names) => names.map((event) => ({ event }));

test('a tab that saw all from when it joined on lost nothing', () => {
  const found = compare(log, [{ after: 1 }, ...events('2', '3', '4', '5')]);
  const nothing = { lost: [], repeated: [], outOfOrder: [], foreign: [] };
  assert.deepEqual(found, { events: 4, gaps: 0, ...nothing });
});

test('what is missing is lost: at the start, in the middle, at the end', () => {
  assert.deepEqual(compare(log, [{ after: 0 }, ...events('2', '4')]).lost, ['1', '3', '5']);
});

test('a tab that has seen nothing yet may begin earlier, and then has all', () => {
  const found = compare(log, [{ after: 4 }, ...events('2', '3', '5')]);
  assert.deepEqual([found.outOfOrder, found.lost], [[], ['4']]);
});

test('what a gap told of is not lost in silence', () => {
  const record = [{ after: 0 }, ...events('1'), { gap: true }, ...events('4', '5')];
  const { lost, gaps } = compare(log, record);
  assert.deepEqual({ lost, gaps }, { lost: [], gaps: 1 });
});

test('repeats, disorder and what is another’s are told apart', () => {
  const found = compare(log, [{ after: 0 }, ...events('1', '3', '2', '3', '4', '5', 'x')]);
  assert.deepEqual(found.lost, ['2']);
  assert.deepEqual(found.outOfOrder, ['2']);
  assert.deepEqual(found.repeated, ['3']);
  assert.deepEqual(found.foreign, ['x']);
});
