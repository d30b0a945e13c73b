import assert from 'node:assert/strict';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

const withOthers = { 'beside another tab': 1, 'that is the only one': 0 };

for (const [where, others] of Object.entries(withOthers)) {
  scenario(`a reload of a tab ${where} loses nothing`, async ({ server, chat, openTab }) => {
    const beside = others ? [await openTab()] : [];
    const reloaded = await openTab();

    const before = numbered('before', 5);
    await sendAll(chat, before);
    // The tab's record outlives the reload, so what it holds is all that its listeners ever saw.
    const during = await sendDuring(chat, 'during', () => reloaded.reload());
    const after = numbered('after', 5);
    await sendAll(chat, after);

    const sent = [...before, ...during, ...after];
    for (const tab of [reloaded, ...beside]) {
      assert.deepEqual(await tab.untilMessages(sent.length), sent);
    }
    await server.untilConnections(1);
  });
}
