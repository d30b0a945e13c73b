import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './harness/eventually.mjs';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';
import { whileAsleep } from './harness/sleep.mjs';

const transports = ['eventsource'];
const backoff = { base: 20 };
const noDevTools = 'its driver has no DevTools protocol';

/** Firefox has no back/forward cache where it is driven: its page is loaded anew. */
const keepsPages = (row) => row.engine !== 'firefox';

rows((row) => {
  for (const host of ['shared-worker', 'leader', 'page']) {
    row(
      `${host}: a tab that goes into the back/forward cache comes back with all, each once`,
      async (row) => {
        const tab = await row.openConnected({ host, backoff });
        await tab.run(() => window.addEventListener('beforeunload', () => {}));
        const sent = [];
        for (const round of ['first', 'second']) {
          const here = numbered(`${round} here`, 3);
          await sendAll(row.chat, here);
          await tab.untilMessages(sent.length + here.length);
          await tab.go(`${row.tap.url}/away.html`);
          const away = numbered(`${round} away`, 3);
          await sendAll(row.chat, away);
          await eventually(async () => assert.ok((await row.server.connections()) <= 1), 5_000);
          await tab.back();
          sent.push(...here, ...away);
          assert.deepEqual(await tab.untilMessages(sent.length), sent);
          await row.server.untilConnections(1);
        }
        await sendAll(row.chat, ['after']);
        assert.deepEqual(await tab.untilMessages(sent.length + 1), [...sent, 'after']);
        assert.equal(await tab.run((tab) => tab.returns()), keepsPages(row) ? 2 : 0);
      },
      { transports },
    );
  }

  row(
    'a tab that is opened while the only one is cached has the one connection',
    async (row) => {
      const cached = await row.openConnected({ backoff });
      await sendAll(row.chat, ['before']);
      await cached.untilMessages(1);
      await cached.go(`${row.tap.url}/away.html`);
      const fresh = await row.openConnected({ backoff });
      await row.server.untilConnections(1);
      const sent = numbered('away', 3);
      await sendAll(row.chat, sent);
      assert.deepEqual(await fresh.untilMessages(3), sent);
      await cached.back();
      // Told of a gap, it goes on from where it joins again.
      const returns = keepsPages(row) ? 1 : 0;
      await cached.until(`(tab) => tab.returns() === ${returns} && tab.status()?.state === 'open'`);
      await sendAll(row.chat, ['after']);
      // The stream has begun behind its place: it has all, or is told what it lacks.
      await cached.until((tab) => tab.messages().at(-1) === 'after');
      const got = await cached.messages();
      const gaps = await cached.run((tab) => tab.gaps().length);
      const all = ['before', ...sent, 'after'];
      assert.deepEqual(got, gaps > 0 ? ['before', 'after'] : all);
      assert.deepEqual(await fresh.untilMessages(4), all.slice(1));
      await row.server.untilConnections(1);
    },
    { transports },
  );

  row(
    'a cached tab beside a live one takes nothing from it, and comes back with all',
    async (row) => {
      const tabs = [await row.openConnected({ backoff }), await row.openConnected({ backoff })];
      const [cached, live] = tabs;
      await sendAll(row.chat, ['before']);
      for (const tab of tabs) await tab.untilMessages(1);
      const during = await sendDuring(row.chat, 'during', async () => {
        await cached.go(`${row.tap.url}/away.html`);
        await live.until((tab) => tab.messages().length > 10);
        await cached.back();
      });
      const sent = ['before', ...during, 'after'];
      await sendAll(row.chat, ['after']);
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
      await row.server.untilConnections(1);
    },
    { transports },
  );

  row(
    'a leader that comes back from the back/forward cache leaves the stream to its successor',
    async (row) => {
      // So that the runtime that led would be quick to open its stream again.
      const options = { host: 'leader', backoff: { base: 1, cap: 1 } };
      let [leader, follower] = [await row.openConnected(options), await row.openConnected(options)];
      const sent = [];
      for (let round = 0; round < 8; round++) {
        await leader.go(`${row.tap.url}/away.html`);
        sent.push(`away ${round}`);
        await sendAll(row.chat, sent.slice(-1));
        assert.deepEqual(await follower.untilMessages(sent.length), sent);
        await leader.back();
        for (const tab of [leader, follower]) {
          assert.deepEqual(await tab.untilMessages(sent.length), sent);
          const reasons = await tab.run((tab) => tab.statuses().map(({ reason }) => reason));
          assert.ok(!reasons.includes('superseded'), reasons.join());
        }
        [leader, follower] = [follower, leader];
      }
    },
    { transports },
  );

  row(
    'a frozen tab has all once it is thawed, and the others wait for nothing',
    async (row) => {
      const tabs = [await row.openConnected({ backoff }), await row.openConnected({ backoff })];
      const [frozen, live] = tabs;
      await frozen.devTools('Page.setWebLifecycleState', { state: 'frozen' });
      const sent = numbered('while it is frozen', 20);
      await sendAll(row.chat, sent);
      assert.deepEqual(await live.untilMessages(sent.length), sent);
      await frozen.devTools('Page.setWebLifecycleState', { state: 'active' });
      assert.deepEqual(await frozen.untilMessages(sent.length), sent);
      await sendAll(row.chat, ['after']);
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(21), [...sent, 'after']);
      assert.equal(await row.server.metric('sse_connections_total'), 1, 'connections ever opened');
    },
    { transports, skip: { firefox: noDevTools, webkit: noDevTools } },
  );

  row(
    'a tab whose process ended, as a discarded one’s does, goes on from its stored cursor',
    async (row) => {
      const tab = await row.openConnected({ backoff, cursor: 'persistent' });
      await sendAll(row.chat, ['before']);
      await tab.untilMessages(1);
      await tab.untilStored();
      await tab.devTools('Page.crash').catch(() => {});
      await row.server.untilConnections(0);
      const sent = numbered('while it is gone', 3);
      await sendAll(row.chat, sent);
      // Its driver cannot load a crashed tab again: another one is opened in its place.
      const next = await row.openConnected({ backoff, cursor: 'persistent' });
      assert.deepEqual(await next.untilMessages(3), sent);
    },
    { transports, skip: { firefox: noDevTools, webkit: noDevTools } },
  );

  row(
    'a worker that dies while the network is away is replaced once it is back',
    async (row) => {
      const options = { backoff, workerUrl: '/worker-that-dies.js' };
      const tabs = [await row.openConnected(options), await row.openConnected(options)];
      await sendAll(row.chat, ['before']);
      for (const tab of tabs) await tab.untilMessages(1);
      await row.tap.away();
      await tabs[0].run(() => new BroadcastChannel('die').postMessage(''));
      for (const tab of tabs) await tab.until((tab) => tab.status().state !== 'open');
      // Firefox does not say that a script could not be had: it is missed when it does not answer.
      for (const tab of row.engine === 'firefox' ? [] : tabs) {
        await tab.until((tab) => tab.status().reason === 'worker-failed');
        assert.equal((await tab.run((tab) => tab.status())).state, 'waiting');
      }
      const sent = ['before', ...numbered('meanwhile', 3)];
      await sendAll(row.chat, sent.slice(1));
      await row.tap.back();
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(4, 40_000), sent);
      await row.server.untilConnections(1);
    },
    { transports },
  );

  row(
    'a machine that slept checks its stream, and has all that was sent meanwhile',
    async (row) => {
      const tabs = [];
      // The timer that is late is the watchdog's.
      for (let count = 0; count < 2; count++) {
        tabs.push(await row.openConnected({ backoff, watchdog: { silence: 4_000 } }));
      }
      await sendAll(row.chat, ['before']);
      for (const tab of tabs) await tab.untilMessages(1);
      // Dead, as after a sleep that was too long for a proxy: no sign of life tells that it slept.
      await row.faultsOfOpen({ mute: true });
      const sent = ['before', ...numbered('asleep', 3)];
      await whileAsleep(async () => {
        await sendAll(row.chat, sent.slice(1));
        await pause(12_000);
      });
      for (const tab of tabs) {
        await tab.until((tab) => tab.statuses().some(({ reason }) => reason === 'woke'));
        assert.deepEqual(await tab.untilMessages(sent.length), sent);
      }
      await row.server.untilConnections(1);
    },
    { transports },
  );
});
