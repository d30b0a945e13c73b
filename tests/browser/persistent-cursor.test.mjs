import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

scenario('a persistent cursor: a new tab goes on where the last one stopped', async (test) => {
  const { server, chat, openTab, alice } = test;
  const options = { token: alice.token, cursor: 'persistent' };
  const first = await openTab(options);
  const before = numbered('before', 3);
  await sendAll(chat, before);
  await first.untilMessages(before.length);
  await untilStored(first);
  await first.close();
  await server.untilConnections(0);

  const away = numbered('away', 3);
  await sendAll(chat, away);
  const next = await openTab(options);
  assert.deepEqual(await next.untilMessages(away.length), away);

  const unaware = await openTab({ token: alice.token });
  await sendAll(chat, ['now']);
  assert.deepEqual(await unaware.untilMessages(1), ['now'], 'by default a new tab starts now');
});

/** Waits until the tab's place is in IndexedDB: a crash from then on loses none of it. */
function untilStored(tab) {
  return tab.run(async (tab) => {
    const done = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const db = await done(indexedDB.open('tabcast', 1));
    for (let stored = []; !stored.includes(tab.status().lastEventId); ) {
      stored = await done(db.transaction('cursors').objectStore('cursors').getAll());
    }
    db.close();
  });
}
