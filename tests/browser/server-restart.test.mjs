import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

for (const signal of ['SIGTERM', 'SIGKILL']) {
  scenario(`after the server's restart by ${signal} both tabs have all`, async (test) => {
    const { server, chat, openTab } = test;
    const tabs = [await openTab(), await openTab()];

    const before = numbered('before', 5);
    await sendAll(chat, before);
    await server.end(signal);
    await server.startAgain();
    // Sent at once, while no tab can be back yet or some are.
    const after = numbered('after', 5);
    await sendAll(chat, after);

    const sent = [...before, ...after];
    for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length, 20_000), sent);
    await server.untilConnections(1);
  });
}
