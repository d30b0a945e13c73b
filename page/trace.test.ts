import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTrace } from './trace.js';

const trace = {
  format: 'tabcast-trace',
  version: 1,
  inspection: { at: 1, streams: [], tabs: [], transitions: [] },
  events: [{ type: 'a', id: '1', via: 'stream', receivedAt: 1, size: 2, data: null }],
  samples: [{ at: 1, rate: 2, lag: null }],
};

const refused = (text: string, message: RegExp) =>
  assert.throws(() => parseTrace(text), { code: 'invalid-trace', message });

test('what was exported is read', () => {
  assert.deepEqual(parseTrace(JSON.stringify(trace)), trace);
});

test('what is no trace is refused with what is wrong with it', () => {
  refused('', /it is no JSON/);
  refused('[1', /it is no JSON/);
  refused('null', /it is no object/);
  refused('{"format": "har"}', /its `format`/);
  refused(JSON.stringify({ ...trace, version: 2 }), /version 1 alone/);
  refused('x'.repeat(33 * 1024 * 1024), /larger than 32 MiB/);
});

test('each member is checked, and named where it is wrong', () => {
  const without = (change: object) => JSON.stringify({ ...trace, ...change });
  const { inspection } = trace;
  refused(without({ inspection: null }), /`inspection` must be an object/);
  refused(without({ events: {} }), /`events` must be a list/);
  refused(without({ events: [{ type: 1 }] }), /`events\[0\].type` must be a string/);
  refused(without({ inspection: { ...inspection, at: 1e300 } }), /`inspection.at` must be a time/);
  refused(without({ inspection: { ...inspection, tabs: [7] } }), /`inspection.tabs\[0\]`/);
  refused(without({ samples: Array(5_001).fill(trace.samples[0]) }), /`samples` is longer/);
});
