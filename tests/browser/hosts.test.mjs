import assert from 'node:assert/strict';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

// What holds in a SharedWorker, the default of all other tests, holds where the runtime is in a page.

scenario('a leader: two tabs share its connection', async (test) => {
  const { server, chat, openTab, alice } = test;
  const options = { token: alice.token, host: 'leader' };
  const tabs = [await openTab(options), await openTab(options)];
  assert.equal(await server.connections(), 1);
  for (const tab of tabs) assert.equal((await tab.run((tab) => tab.status())).host, 'leader');

  const sent = numbered('message', 40);
  await sendAll(chat, sent);
  for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
  assert.equal(await server.metric('sse_connections_total'), 1, 'connections ever opened');
});

scenario('a leader that closes in a burst is followed by another tab', async (test) => {
  const { server, chat, openTab, alice } = test;
  const options = { token: alice.token, host: 'leader' };
  const leader = await openTab(options);
  const follower = await openTab(options);

  const sent = await sendAround(chat, [leader, follower], () => leader.close());
  assert.deepEqual(await follower.untilMessages(sent.length), sent);
  await server.untilConnections(1);
});

scenario('a leader that reloads in a burst loses nothing in silence', async (test) => {
  const { server, chat, openTab, alice } = test;
  const options = { token: alice.token, host: 'leader' };
  const leader = await openTab(options);
  const follower = await openTab(options);

  const sent = await sendAround(chat, [leader, follower], () => leader.reload());
  assert.deepEqual(await follower.untilMessages(sent.length), sent);
  // The follower may have seen an event that the leader had not when it went. The new runtime then
  // begins behind that event, and the returning tab is told.
  await leader.until(`(tab) => tab.messages().at(-1) === '${sent.at(-1)}'`);
  const got = await leader.messages();
  const missing = sent.filter((content) => !got.includes(content));
  assert.deepEqual([...got, ...missing].sort(), [...sent].sort(), 'nothing twice');
  assert.deepEqual(
    got,
    sent.filter((content) => got.includes(content)),
    'in order',
  );
  const gaps = await leader.run((tab) => tab.gaps());
  assert.equal(gaps.length > 0, missing.length > 0, `missing: ${missing}; ${JSON.stringify(gaps)}`);
  await server.untilConnections(1);
});

/** Sends before, during and after `change`, and gives what was sent. */
async function sendAround(chat, tabs, change) {
  const before = numbered('before', 5);
  await sendAll(chat, before);
  for (const tab of tabs) await tab.untilMessages(before.length);
  const during = await sendDuring(chat, 'during', change);
  const after = numbered('after', 5);
  await sendAll(chat, after);
  return [...before, ...during, ...after];
}

scenario('a leader: the last tab ends the connection', async (test) => {
  const { server, openTab, alice } = test;
  const options = { token: alice.token, host: 'leader' };
  const tabs = [await openTab(options), await openTab(options)];
  for (const tab of tabs) await tab.close();
  await server.untilConnections(0, 1_000);
});

scenario('the page alone: each tab has its own connection and loses nothing', async (test) => {
  const { server, chat, openTab, alice } = test;
  const options = { token: alice.token, host: 'page' };
  const tabs = [await openTab(options), await openTab(options)];
  assert.equal(await server.connections(), 2);

  const before = numbered('before', 5);
  await sendAll(chat, before);
  for (const tab of tabs) await tab.untilMessages(before.length);
  await server.end('SIGKILL');
  await server.startAgain();
  const after = numbered('after', 5);
  await sendAll(chat, after);
  const sent = [...before, ...after];
  for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length, 40_000), sent);
  await tabs[0].close();
  await server.untilConnections(1, 1_000);
});
