import assert from 'node:assert/strict';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

// What is promised holds wherever the runtime lives.

const backoff = { base: 20, cap: 100 };

rows((register) => {
  for (const host of ['shared-worker', 'leader', 'page']) {
    /** Where each page is alone it has a connection of its own. */
    const connections = (tabs) => (host === 'page' ? tabs : Math.min(tabs, 1));
    const row = (name, run) => register(`${host}: ${name}`, run, { transports: ['eventsource'] });
    const openTabs = async (row, count) => {
      const tabs = [];
      while (tabs.length < count) tabs.push(await row.openConnected({ host, backoff }));
      return tabs;
    };

    row('each tab has each event once and in order', async (row) => {
      const tabs = await openTabs(row, 3);
      for (const tab of tabs) assert.equal((await tab.run((tab) => tab.status())).host, host);
      const sent = numbered('message', 40);
      await sendAll(row.chat, sent);
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
      const opened = await row.server.metric('sse_connections_total');
      assert.equal(opened, connections(3), 'connections ever opened');
    });

    row('the first tab closes in a burst, and the others lose nothing', async (row) => {
      const [first, ...others] = await openTabs(row, 3);
      const sent = await sendAround(row.chat, [first, ...others], () => first.close());
      for (const tab of others) await assertHasAll(tab, sent);
      await row.server.untilConnections(connections(2));
    });

    row('the first tab reloads in a burst, and nothing is lost', async (row) => {
      const [first, other] = await openTabs(row, 2);
      const sent = await sendAround(row.chat, [first, other], () => first.reload());
      for (const tab of [other, first]) await assertHasAll(tab, sent);
      await row.server.untilConnections(connections(2));
    });

    row('the server is killed and comes back, and nothing is missing', async (row) => {
      const tabs = await openTabs(row, 2);
      const before = numbered('before', 5);
      await sendAll(row.chat, before);
      for (const tab of tabs) await tab.untilMessages(before.length);
      await row.server.end('SIGKILL');
      await row.server.startAgain();
      const sent = [...before, ...numbered('after', 5)];
      await sendAll(row.chat, sent.slice(5));
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(10, 20_000), sent);
      await row.server.untilConnections(connections(2));
    });

    row('a stream that is cut in a burst resumes', async (row) => {
      const tabs = await openTabs(row, 2);
      const sent = await sendAround(row.chat, tabs, async () => {
        await row.cut();
        for (const tab of tabs) {
          await tab.until((tab) => tab.statuses().some(({ reason }) => reason === 'cut'));
          await tab.untilState('open');
        }
      });
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
      await row.server.untilConnections(connections(2));
    });

    row('two users never see each other’s events', async (row) => {
      const [hers] = await openTabs(row, 1);
      const his = await row.openConnected({ host, backoff, token: row.bob.token });
      await row.server.untilConnections(2);
      const alone = await row.alice.createChat(row.alice);
      await sendAll(alone, numbered('hers', 3));
      await sendAll(row.chat, ['both']);
      assert.deepEqual(await hers.untilMessages(4), [...numbered('hers', 3), 'both']);
      assert.deepEqual(await his.untilMessages(1), ['both']);
    });

    row('the connection ends with the last tab', async (row) => {
      const tabs = await openTabs(row, 2);
      await tabs[0].close();
      await row.server.untilConnections(connections(1));
      await tabs[1].close();
      await row.server.untilConnections(0);
    });
  }

  register(
    'page: a page is the client that the one before it in its tab was, and no copy of the tab is',
    async (row) => {
      const tabs = [
        await row.openConnected({ host: 'page' }),
        await row.openConnected({ host: 'page' }),
      ];
      const clients = () => row.tap.to('/events').map(({ query }) => query.client_id);
      const [first, second] = clients();
      assert.notEqual(first, second);
      for (const expected of [first, first]) {
        await tabs[0].reload();
        await tabs[0].untilState('open');
        assert.equal(clients().at(-1), expected);
        // What a copy of the tab would be given.
        const copied = await tabs[0].run(() => Object.keys(sessionStorage));
        assert.ok(!copied.some((key) => key.startsWith('tabcast:')), `${copied}`);
      }
      await row.server.untilConnections(2);
    },
    { transports: ['eventsource'] },
  );
});

/** Waits until the tab has all, once and in order, wherever it stood when a runtime took another's place. */
async function assertHasAll(tab, sent) {
  assert.deepEqual(await tab.untilMessages(sent.length, 20_000), sent);
  assert.deepEqual(await tab.run((tab) => tab.gaps()), []);
}

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
