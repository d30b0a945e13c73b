import assert from 'node:assert/strict';
import { eventually } from './harness/eventually.mjs';
import { numbered, sendAll } from './harness/messages.mjs';
import { scenario } from './harness/scenario.mjs';

scenario('two users in two tabs never see each other’s events', async (test) => {
  const { server, alice, bob, openTab } = test;
  const ofAlice = await openTab({ token: alice.token });
  const ofBob = await openTab({ token: bob.token });
  await server.untilConnections(2);

  const hers = await alice.createChat(alice);
  const his = await bob.createChat(bob);
  const both = await bob.createChat(alice, bob);
  for (let round = 1; round <= 5; round++) {
    await hers.send(`hers ${round}`);
    await his.send(`his ${round}`);
  }
  await both.send('both');
  assert.deepEqual(await ofAlice.untilMessages(6), [...numbered('hers', 5), 'both']);
  assert.deepEqual(await ofBob.untilMessages(6), [...numbered('his', 5), 'both']);
});

scenario(
  'a tab whose token is another user’s on refresh leaves the first one’s stream',
  async (test) => {
    const { server, browser, alice, bob } = test;
    /** A tab that is logged in as whoever `window.user` is. */
    const openAs = async (users) => {
      const tab = await browser.open(`${server.url}/tab.html`);
      await tab.run((tab, users) => {
        window.users = users;
        window.user = 'alice';
        tab.open({ token: () => window.users[window.user] });
      }, users);
      await tab.untilState('open');
      return tab;
    };
    const users = { alice: alice.token, bob: bob.token };
    const changing = await openAs(users);
    const staying = await openAs(users);
    const hers = await alice.createChat(alice);
    const his = await bob.createChat(bob);
    await hers.send('before');
    // The one that is driven last is visible, and is the one that is asked for a token.
    for (const tab of [staying, changing]) await tab.untilMessages(1);

    await changing.run((tab) => {
      window.user = 'bob';
      tab.stream().refreshToken();
    });
    await eventually(async () => {
      const users = (await server.streams()).map(({ user_id }) => user_id);
      assert.deepEqual(users.sort(), [alice.id, bob.id].sort());
    }, 10_000);
    await sendAll(hers, numbered('hers', 3));
    await sendAll(his, numbered('his', 3));
    assert.deepEqual(await staying.untilMessages(4), ['before', ...numbered('hers', 3)]);
    assert.deepEqual(await changing.untilMessages(4), ['before', ...numbered('his', 3)]);
  },
);
