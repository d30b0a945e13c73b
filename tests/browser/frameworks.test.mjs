import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { User } from './harness/chat.mjs';
import { buildFrameworkPages } from './harness/framework-pages.mjs';
import { numbered, sendAll } from './harness/messages.mjs';
import { Server } from './harness/server.mjs';

const frameworks = ['react.jsx', 'vue.js', 'svelte.js'];

let www;
before(async () => {
  www = await buildFrameworkPages(frameworks);
});
after(() => rmSync(www, { recursive: true, force: true }));

for (const engine of selectedEngines()) {
  test(engine, async (t) => {
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    for (const framework of frameworks.map((file) => file.replace(/\..*/, ''))) {
      await t.test(`${engine}: ${framework}`, { timeout: 60_000 }, (t) =>
        livesAsLongAsItsComponent(t, browser, framework),
      );
    }
  });
}

async function livesAsLongAsItsComponent(t, browser, framework) {
  const server = await Server.start({ www });
  t.after(() => server.stop());
  const opened = () => server.metric('sse_connections_total');
  const alice = await User.logIn(server, 'alice@test.com');
  const bob = await User.logIn(server, 'bob@test.com');
  const hers = await alice.createChat(alice);
  const his = await bob.createChat(bob);
  const tab = await browser.open(`${server.url}/${framework}.html`);
  t.after(() => tab.close().catch(() => {}));
  const untilShown = (text) => tab.until(`(tab) => tab.shown() === ${JSON.stringify(text)}`);

  await t.test('mounted, in strict mode twice: one connection, every event once', async () => {
    await tab.run(
      (tab, tokens) => {
        window.tokens = tokens;
        tab.mount();
      },
      { alice: alice.token, bob: bob.token },
    );
    await untilShown('open nothing');
    await sendAll(hers, numbered('hers', 20));
    await untilShown('open hers 20');
    assert.deepEqual(await tab.run((tab) => tab.heard()), numbered('hers', 20));
    assert.equal(await opened(), 1);
    assert.equal(await tab.run((tab) => tab.joins()), 1, 'joined once');
  });

  await t.test('rendered with the same options as new objects: the same connection', async () => {
    await tab.run((tab) => {
      for (let i = 0; i < 20; i++) tab.render('alice');
    });
    await hers.send('after rendering');
    await untilShown('open after rendering');
    assert.equal(await tab.run((tab) => tab.joins()), 1);
  });

  await t.test('unmounted and mounted again: the same connection', async () => {
    await tab.run((tab) => {
      tab.unmount();
      tab.mount();
    });
    await untilShown('open nothing');
    await hers.send('after mounting');
    await untilShown('open after mounting');
    assert.equal(await opened(), 1);
  });

  await t.test('another user: another stream, and nothing of the first one', async () => {
    await tab.run((tab) => {
      tab.heard().length = 0;
      tab.render('bob');
    });
    await tab.until((tab) => tab.shown() === 'open nothing');
    await hers.send('not for bob');
    await his.send('for bob');
    await untilShown('open for bob');
    assert.deepEqual(await tab.run((tab) => tab.heard()), ['for bob']);
    await server.untilConnections(1);
    assert.equal(await opened(), 2);
  });

  await t.test('no URL: no connection; and then one again', async () => {
    await tab.run((tab) => tab.render(null));
    await untilShown('idle nothing');
    await server.untilConnections(0);
    await tab.run((tab) => tab.render('alice'));
    await untilShown('open nothing');
  });

  await t.test('unmounted for good: the connection ends', async () => {
    await tab.run((tab) => tab.unmount());
    await server.untilConnections(0);
  });
}
