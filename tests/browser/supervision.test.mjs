import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

/** Longer than a runtime may take to answer after it fell silent, in milliseconds. */
const HANG = 36_000;

scenario('a worker that hangs is given up by every tab, and nothing is lost', async (test) => {
  const { server, chat, openTab, alice } = test;
  const options = { token: alice.token, workerUrl: '/worker-that-hangs.js' };
  const tabs = [await openTab(options), await openTab(options)];
  const before = numbered('before', 3);
  await sendAll(chat, before);
  for (const tab of tabs) await tab.untilMessages(before.length);

  await tabs[0].run(() => new BroadcastChannel('hang').postMessage('now'));
  const during = numbered('while it hangs', 3);
  await sendAll(chat, during);
  // The heartbeat, and the time that an answer may take.
  for (const tab of tabs) await tab.until((tab) => tab.workers().length > 1, 50_000);
  const sent = [...before, ...during];
  for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length, 20_000), sent);
  const names = await Promise.all(
    tabs.map((tab) => tab.run((tab) => tab.workers().at(-1).options.name)),
  );
  assert.equal(new Set(names).size, 1, 'both moved to the same worker');

  const late = await openTab(options);
  await sendAll(chat, ['after']);
  assert.deepEqual(await late.untilMessages(1, 20_000), ['after']);
  // The one of the worker that hangs was replaced at the server.
  await server.untilConnections(1);
});

scenario(
  'a leader whose page hangs is given up by every tab, and nothing is lost',
  async (test) => {
    const { server, chat, openTab, alice } = test;
    const options = { token: alice.token, host: 'leader' };
    const [leader, ...others] = [await openTab(options), await openTab(options)];
    const before = numbered('before', 3);
    await sendAll(chat, before);
    for (const tab of [leader, ...others]) await tab.untilMessages(before.length);

    await leader.run((_, milliseconds) => {
      new BroadcastChannel('hang').onmessage = () => {
        for (const end = Date.now() + milliseconds; Date.now() < end; );
      };
    }, HANG);
    await others[0].run(() => new BroadcastChannel('hang').postMessage('now'));
    const sent = [...before, ...numbered('while it hangs', 3)];
    await sendAll(chat, sent.slice(before.length));
    // The heartbeat, and the time that an answer may take.
    for (const tab of others) assert.deepEqual(await tab.untilMessages(sent.length, 50_000), sent);
    // The server replaced the connection of the page that hangs.
    await server.untilConnections(1);

    assert.deepEqual(await leader.untilMessages(sent.length), sent);
    others.push(await openTab(options));
    await sendAll(chat, ['after']);
    for (const tab of [leader, ...others]) {
      await tab.until((tab) => tab.messages().at(-1) === 'after');
      assert.equal((await tab.run((tab) => tab.status())).state, 'open');
    }
    await server.untilConnections(1);
  },
);

scenario('a worker that cannot load says so in every tab', async (test) => {
  const { server, browser } = test;
  const tab = await browser.open(`${server.url}/tab.html`);
  await tab.run((tab) => {
    tab.open({ workerUrl: '/no-such-worker.js' });
  });
  // The next worker of this name may meet the one that is closing, and is then given up first.
  await tab.until((tab) => tab.status().reason === 'worker-failed', 30_000);
  await tab.untilState('closed', 40_000);
  const status = await tab.run((tab) => tab.status());
  assert.equal(status.reason, 'worker-failed');
  assert.match(status.advice, /workerUrl/);
});
