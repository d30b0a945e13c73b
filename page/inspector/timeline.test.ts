import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Inspection, Transition } from '../inspection.js';
import { lanesOf } from './timeline.js';

const stream = (at: number, change: Partial<Transition>): Transition => ({
  at,
  kind: 'status',
  stream: 1,
  tab: null,
  state: null,
  reason: null,
  httpStatus: null,
  ...change,
});
const status = (at: number, state: string, reason: string | null = null) =>
  stream(at, { state, reason } as Partial<Transition>);
const visit = (at: number, kind: string, tab: number) =>
  stream(at, { kind, tab } as Partial<Transition>);

const inspection = (
  transitions: Transition[],
  tabs: { id: number; visible: boolean }[] = [],
): Inspection => ({
  at: 1_000,
  streams: [],
  tabs: tabs.map((tab) => ({ ...tab, stream: 1, self: false, providesToken: false, types: [] })),
  transitions,
});

const marks = (transitions: Transition[]) =>
  lanesOf(inspection(transitions), 0)[0]?.marks.map(({ kind }) => kind);

test('an outage is drawn from its cause to its end', () => {
  const story = [
    stream(10, { kind: 'connect' }),
    status(20, 'open'),
    status(100, 'waiting', 'cut'),
    stream(150, { kind: 'connect' }),
    status(150, 'connecting', 'cut'),
    status(160, 'open'),
  ];
  assert.deepEqual(marks(story), ['connect', 'fault', 'connect']);
  assert.deepEqual(lanesOf(inspection(story), 50)[0]?.spans, [
    { from: 50, to: 100, state: 'open' },
    { from: 100, to: 150, state: 'waiting' },
    { from: 150, to: 160, state: 'connecting' },
    { from: 160, to: 1_000, state: 'open' },
  ]);
});

test('watchdogs, retries, polls, promotions, tokens and gaps have marks of their own', () => {
  const story = [
    status(20, 'open'),
    status(100, 'polling', 'muted'),
    stream(101, { kind: 'poll' }),
    status(200, 'open'),
    status(300, 'waiting', 'refused'),
    status(310, 'connecting', 'refused'),
    status(320, 'waiting', 'refused'),
    stream(400, { kind: 'token-asked', tab: 3 }),
    stream(410, { kind: 'gap', tab: 3 }),
    status(500, 'connecting', 'requested'),
  ];
  const expected = ['watchdog', 'poll', 'promotion', 'fault', 'retry', 'token', 'gap'];
  assert.deepEqual(marks(story), expected);
});

test('a tab has a lane from when it joined to when it left, by its visibility', () => {
  const story = [
    visit(100, 'tab-joined', 5),
    visit(200, 'tab-hidden', 5),
    visit(300, 'tab-shown', 5),
    visit(400, 'tab-left', 5),
  ];
  const lanes = lanesOf(inspection(story, [{ id: 4, visible: false }]), 0);
  assert.deepEqual(
    lanes.map(({ kind, id, spans }) => ({ kind, id, spans })),
    [
      { kind: 'tab', id: 4, spans: [{ from: 0, to: 1_000, state: 'hidden' }] },
      {
        kind: 'tab',
        id: 5,
        spans: [
          { from: 100, to: 200, state: 'visible' },
          { from: 200, to: 300, state: 'hidden' },
          { from: 300, to: 400, state: 'visible' },
        ],
      },
    ],
  );
});

test('of a tab whose joining is forgotten the rest is still told', () => {
  const lanes = lanesOf(inspection([visit(500, 'tab-hidden', 5)], [{ id: 5, visible: false }]), 0);
  assert.deepEqual(lanes[0]?.spans, [
    { from: 0, to: 500, state: 'visible' },
    { from: 500, to: 1_000, state: 'hidden' },
  ]);
});

test('a stream ends with its last tab', () => {
  const story = [visit(10, 'tab-joined', 1), status(20, 'open'), visit(300, 'tab-left', 1)];
  const [lane] = lanesOf(inspection(story), 0);
  assert.deepEqual(lane?.spans, [{ from: 20, to: 300, state: 'open' }]);
});
