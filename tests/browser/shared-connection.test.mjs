import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

scenario(
  'two tabs share one connection, and both get every message in order, once',
  async (test) => {
    const { server, chat, openTab } = test;
    const tabs = [await openTab(), await openTab()];
    assert.equal(await server.connections(), 1);

    const sent = numbered('message', 40);
    await sendAll(chat, sent);
    for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
    assert.equal(await server.connections(), 1);
    assert.equal(await server.metric('sse_connections_total'), 1, 'connections ever opened');
  },
);
