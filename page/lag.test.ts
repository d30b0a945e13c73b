import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LagMeter } from './lag.js';

test('clocks that differ by an hour do not make events late', () => {
  const meter = new LagMeter();
  for (const late of [0, 10, 20, 30, 1_000]) meter.add(3_600_000, 40 + late);
  const lag = meter.lag();
  assert.deepEqual(lag, {
    samples: 5,
    median: 20,
    p95: 1_000,
    max: 1_000,
    clockOffset: 40 - 3_600_000,
  });
});

test('without a time there is no lag, and what is no time is left out', () => {
  const meter = new LagMeter();
  meter.add(Number.NaN, 5);
  meter.add(Number.POSITIVE_INFINITY, 5);
  assert.equal(meter.lag(), null);
});

test('only the last 500 events count', () => {
  const meter = new LagMeter();
  meter.add(0, 0);
  for (let i = 0; i < 500; i++) meter.add(0, 100);
  assert.deepEqual([meter.lag()?.samples, meter.lag()?.max], [500, 0]);
});
