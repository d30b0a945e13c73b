/** A page whose port and channel overtake each other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../page/index.js';
import { numbered } from './encode.js';
import { FakeBrowser } from './fake-browser.js';

const channel = 'tabcast/e';

/** The worker's answer to what its log has no longer. */
const gap = (next: number) =>
  ({
    type: 'gap',
    epoch: 'e',
    next,
    gap: { fromId: '', toId: String(next), reason: 'relay-log' },
  }) as const;

test('a gap is told of what is still lacking when it comes, and of nothing else', async (t) => {
  const browser = new FakeBrowser();
  const told: string[] = [];
  const stream = connect('http://a.test/events', {
    host: 'shared-worker',
    workerUrl: 'http://a.test/worker.js',
  });
  t.after(() => stream.close());
  stream.on('message', ({ data }) => told.push(data));
  stream.onGap(({ fromId, toId }) => told.push(`gap from ${fromId} to ${toId}`));
  await browser.greeted();
  browser.post({
    type: 'welcome',
    epoch: 'e',
    next: 1,
    channel,
    status: {
      state: 'open',
      attempt: 0,
      retryIn: null,
      reason: null,
      httpStatus: null,
      advice: null,
      transport: 'eventsource',
      lastEventId: '',
    },
    optionsDiffer: false,
    recent: [],
    gap: null,
  });

  // A beacon on the channel, before the batch on the port that it knows of.
  browser.broadcast(channel, numbered(4, 4));
  assert.deepEqual(browser.said.at(-1), { want: { from: 1, to: 4 } });
  browser.post(numbered(1, 4));
  browser.post(gap(3));
  assert.deepEqual(told, ['1', '2', '3']);

  browser.broadcast(channel, numbered(9, 10));
  browser.post(gap(9));
  assert.deepEqual(told.slice(3), ['gap from 3 to 9', '9']);
});
