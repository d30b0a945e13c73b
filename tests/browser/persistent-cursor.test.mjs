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
  await first.untilStored();
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
