import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamOptions } from './options.js';
import type { ConnectOptions } from './types.js';

test('what is given as undefined does not cross to the worker', () => {
  const options = {
    lastEventId: undefined,
    headers: undefined,
    backoff: { base: 5, cap: undefined },
    watchdog: { silence: undefined },
  } as unknown as ConnectOptions;
  assert.deepEqual(streamOptions(options), {
    transport: 'eventsource',
    backoff: { base: 5 },
    watchdog: {},
  });
});
