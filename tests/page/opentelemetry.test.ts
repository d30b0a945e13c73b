import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics as api } from '@opentelemetry/api';
import { DataPointType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Metrics } from '../../page/metrics.js';
import { observeStream } from '../../www/samples/opentelemetry.js';

class Reader extends MetricReader {
  protected async onForceFlush() {}
  protected async onShutdown() {}
}

const measured: Metrics = {
  at: 2,
  since: 1,
  lag: { samples: 9, median: 4, p95: 12, max: 30, clockOffset: 5 },
  gaps: 1,
  events: 40,
  polled: 2,
  polls: 3,
  reconnects: { cut: 2, muted: 1 },
  recovery: { count: 3, mean: 800, longest: 1_500 },
  tabs: 4,
  connections: 1,
  connectionsSaved: 3,
  warnings: [],
};

test('a meter of OpenTelemetry collects what the stream measured', async () => {
  const reader = new Reader();
  api.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  let present: Metrics = measured;
  const stop = observeStream({ metrics: async () => present }, api.getMeter('app'));

  const collect = async () => {
    const { resourceMetrics, errors } = await reader.collect();
    assert.deepEqual(errors, []);
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return new Map(all.map((metric) => [metric.descriptor.name, metric]));
  };
  const values = (metric?: { dataPoints: { value: unknown; attributes: object }[] }) =>
    metric?.dataPoints.map(({ value, attributes }) => [value, attributes]);

  const first = await collect();
  assert.deepEqual(values(first.get('tabcast.connections.saved')), [[3, {}]]);
  assert.deepEqual(values(first.get('tabcast.lag.p95')), [[12, {}]]);
  assert.equal(first.get('tabcast.lag.p95')?.descriptor.unit, 'ms');
  assert.equal(first.get('tabcast.events')?.dataPointType, DataPointType.SUM);
  assert.deepEqual(values(first.get('tabcast.reconnects')), [
    [2, { reason: 'cut' }],
    [1, { reason: 'muted' }],
  ]);

  present = { ...measured, lag: null, events: 45 };
  const second = await collect();
  assert.deepEqual(values(second.get('tabcast.events')), [[45, {}]]);

  stop();
  present = { ...measured, events: 1_000 };
  assert.deepEqual(values((await collect()).get('tabcast.events')) ?? [], [[45, {}]]);
});
