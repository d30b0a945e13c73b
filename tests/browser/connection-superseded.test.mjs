import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';
import { setVisible, takeVisibility } from './harness/visibility.mjs';

const backoff = { base: 20, cap: 50 };
const flags = ['--max-connections-per-user', '1'];

/** A connected tab that is as visible as the test says: showing one would bring its stream back. */
async function open(row, tap) {
  const tab = await row.openConnected({ backoff }, tap);
  await takeVisibility(tab);
  return tab;
}

const comebacks = {
  'reconnect()': (tab) => tab.run((tab) => tab.stream().reconnect()),
  'showing its tab': async (tab) => {
    await setVisible(tab, false);
    await setVisible(tab, true);
  },
};

rows((row) => {
  for (const [how, comeBack] of Object.entries(comebacks)) {
    row(
      `of two browsers the newer one stays, and ${how} brings the older back`,
      async (row) => {
        const older = await open(row);
        // Another origin: another client id.
        const newer = await open(row, await row.network());
        await older.untilState('closed');
        const { reason, retryAt } = await older.run((tab) => tab.status());
        assert.deepEqual({ reason, retryAt }, { reason: 'superseded', retryAt: null });

        const sent = numbered('message', 10);
        await sendAll(row.chat, sent);
        assert.deepEqual(await newer.untilMessages(10), sent);
        assert.equal(await row.server.metric('sse_connections_total'), 2, 'no loop');
        assert.deepEqual(await older.messages(), []);

        await comeBack(older);
        assert.deepEqual(await older.untilMessages(10), sent, 'what it missed');
        await newer.until(({ status }) => status().reason === 'superseded');
        await sendAll(row.chat, ['one more']);
        assert.deepEqual(await older.untilMessages(11), [...sent, 'one more']);
        assert.deepEqual(await newer.messages(), sent);
        assert.equal(await row.server.metric('sse_connections_total'), 3, 'no loop');
        await row.server.untilConnections(1);
      },
      { flags },
    );
  }
});
