import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { User } from './harness/chat.mjs';
import { Server } from './harness/server.mjs';

/** The example as it stands in the README, in a page that shows what it is handed. */
function examplePage() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const example = readme.match(/```js\n(.*?)```/s)?.[1];
  assert.ok(example, 'the README has an example');
  return `<!doctype html><title>example</title>
    <script type="importmap">{"imports": {"tabcast": "/tabcast/index.js"}}</script>
    <script>
      const shown = [];
      let changed = () => {};
      function show(text) { shown.push(text); changed(); }
      const untilShown = (text) => new Promise((resolve) => {
        changed = () => shown.includes(text) && resolve();
        changed();
      });
    </script>
    <script type="module">${example}
      const untilOpen = () => new Promise((resolve) => {
        const look = () => stream.status.state === 'open' && resolve();
        stream.onStatus(look);
        look();
      });
      window.tab = { untilShown, untilOpen };
    </script>`;
}

for (const engine of selectedEngines()) {
  test(`${engine}: the README's example runs as it stands`, { timeout: 90_000 }, async (t) => {
    const www = mkdtempSync(join(tmpdir(), 'tabcast-readme-'));
    t.after(() => rmSync(www, { recursive: true, force: true }));
    writeFileSync(join(www, 'index.html'), examplePage());
    const server = await Server.start({ www });
    t.after(() => server.stop());
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());

    const tabs = [await browser.open(server.url), await browser.open(server.url)];
    await server.untilConnections(1);
    for (const tab of tabs) {
      await tab.run(({ untilOpen }) => untilOpen());
    }
    const bob = await User.logIn(server, 'bob@test.com');
    await bob.chat(1).send('seen in every tab');
    for (const tab of tabs) await tab.run(({ untilShown }) => untilShown('seen in every tab'));
  });
}
