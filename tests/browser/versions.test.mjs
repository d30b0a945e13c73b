import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { User } from './harness/chat.mjs';
import { numbered, sendAll } from './harness/messages.mjs';
import { nextVersion } from './harness/next-version.mjs';
import { Server } from './harness/server.mjs';

const hosts = { 'shared-worker': 2, leader: 2 };

for (const engine of selectedEngines()) {
  test(engine, async (t) => {
    const { folder, remove } = await nextVersion();
    t.after(remove);
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    for (const [host, connections] of Object.entries(hosts)) {
      const name = `${engine}, ${host}: pages of two versions are open together, each with its own connection`;
      await t.test(name, { timeout: 90_000 }, async (t) => {
        const server = await Server.start({ www: folder });
        t.after(() => server.stop());
        const alice = await User.logIn(server, 'alice@test.com');
        const bob = await User.logIn(server, 'bob@test.com');
        const chat = await bob.createChat(alice, bob);
        const options = { token: alice.token, host, backoff: { base: 20, cap: 100 } };
        const hash = encodeURIComponent(JSON.stringify(options));
        const open = async (page) => {
          const tab = await browser.open(`${server.url}/${page}#${hash}`);
          t.after(() => tab.close().catch(() => {}));
          await tab.until((tab) => tab.status()?.state === 'open' && tab.status().lastEventId);
          return tab;
        };
        const [old, next] = [
          [await open('tab.html'), await open('tab.html')],
          [await open('next.html'), await open('next.html')],
        ];
        assert.equal(await server.connections(), connections);

        const before = numbered('before', 5);
        await sendAll(chat, before);
        for (const tab of [...old, ...next]) assert.deepEqual(await tab.untilMessages(5), before);
        await server.end('SIGKILL');
        await server.startAgain();
        const sent = [...before, ...numbered('after', 5)];
        await sendAll(chat, sent.slice(5));
        for (const tab of [...old, ...next]) {
          assert.deepEqual(await tab.untilMessages(sent.length, 20_000), sent);
          assert.equal((await tab.run((tab) => tab.status())).state, 'open');
        }
        await server.untilConnections(connections);

        // The deploy is over once the last page of the old version is gone.
        for (const tab of old) await tab.close();
        await server.untilConnections(connections / 2);
        await sendAll(chat, ['last']);
        for (const tab of next) await tab.untilMessages(sent.length + 1);
      });
    }
  });
}
