import assert from 'node:assert/strict';
import { expiredToken } from './harness/chat.mjs';
import { numbered, sendAll } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

const wrongCalls = {
  'a URL that is no string': [42],
  'a token of the wrong type': ['/events', { token: 42 }],
  'an option that does not exist': ['/events', { tokn: 'x' }],
  'a negative time': ['/events', { backoff: { base: -1 } }],
  'a host that does not exist': ['/events', { host: 'nowhere' }],
};

scenario('wrong options throw a TabcastError at once', async ({ server, openTab }) => {
  const tab = await openTab();
  for (const [what, args] of Object.entries(wrongCalls)) {
    const thrown = await tab.run(({ tabcast }, args) => {
      try {
        tabcast.connect(...args).close();
        return null;
      } catch (error) {
        const ours = error instanceof tabcast.TabcastError;
        return { ours, code: error.code, message: error.message };
      }
    }, args);
    assert.ok(thrown?.ours, `${what}: a TabcastError, not ${JSON.stringify(thrown)}`);
    assert.match(thrown.code, /^[a-z-]+$/, what);
    assert.match(thrown.message, /\w+ \w+ \w+/, `${what}: a sentence`);
  }
  assert.equal(await server.connections(), 1, 'only that of the tab itself');
});

scenario('an expired token shows as needs-auth', async ({ server, browser, alice }) => {
  const options = encodeURIComponent(JSON.stringify({ token: expiredToken(alice) }));
  const tab = await browser.open(`${server.url}/tab.html#${options}`);
  await tab.untilState('needs-auth');
  assert.equal(await server.connections(), 0);
});

scenario('malformed messages to the worker harm no other tab', async (test) => {
  const { server, chat, openTab } = test;
  const good = await openTab();
  const bad = await openTab();
  await bad.run((tab) => {
    const { url, options } = tab.workers()[0];
    const { port } = new SharedWorker(url, options);
    port.start();
    const cyclic = { type: 'hello' };
    cyclic.itself = cyclic;
    const malformed = [
      ...[null, undefined, 0, -1, Number.NaN, 1n, '', 'hello', true, [], {}],
      ...[new Date(), new Map([['type', 'hello']]), new ArrayBuffer(8), new Error('x'), cyclic],
      ...[{ type: 'nope' }, { type: 42 }, { type: 'hello' }, { type: 'want', from: -1, to: 'x' }],
      ...[{ type: 'leave' }, { type: 'sync' }, { type: 'token', request: {} }],
      { type: 'hello', lock: 42, url: {}, identity: null, options: 'x', types: 'new_message' },
      { type: 'hello', lock: 'never held', url: 'no url', identity: '', options: {}, types: [] },
    ];
    for (const message of malformed) port.postMessage(message);
  });

  const sent = numbered('message', 5);
  await sendAll(chat, sent);
  for (const tab of [good, bad]) assert.deepEqual(await tab.untilMessages(5), sent);

  const late = await openTab();
  await sendAll(chat, ['one more']);
  assert.deepEqual(await late.untilMessages(1), ['one more']);
  assert.deepEqual(await good.untilMessages(6), [...sent, 'one more']);
  assert.equal(await server.connections(), 1);
});
