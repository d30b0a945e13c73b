import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { createServer } from 'vite';
import { generatedDir, root } from '../../scripts/lib/paths.mjs';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { User } from './harness/chat.mjs';
import { eventually } from './harness/eventually.mjs';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { Server } from './harness/server.mjs';

/** What an app is made of: its folder, and beside it what it has in common with other pages. */
const parts = ['hot-reload', 'pages/until.js'];
const partAt = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The file of each framework's component. */
const components = { react: 'react.jsx', vue: 'Vue.vue', svelte: 'Svelte.svelte' };

let work;
let folder;
/** @type {import('vite').ViteDevServer} */ let vite;

before(async () => {
  // Where the packages of this repository are found.
  work = mkdtempSync(join(generatedDir, 'hot-reload-'));
  for (const part of parts) cpSync(partAt(part), join(work, part), { recursive: true });
  folder = join(work, 'hot-reload');
  vite = await createServer({
    configFile: false,
    root: folder,
    cacheDir: join(folder, 'cache'),
    logLevel: 'error',
    plugins: [react(), vue(), svelte()],
    // Found while a page runs, they would have it loaded anew.
    optimizeDeps: { include: ['react', 'react-dom/client', 'react/jsx-dev-runtime', 'vue'] },
    server: { host: '127.0.0.1', port: 0, fs: { allow: [root] } },
  });
  await vite.listen();
});
after(async () => {
  await vite?.close();
  rmSync(work, { recursive: true, force: true });
});

for (const engine of selectedEngines()) {
  test(engine, async (t) => {
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    for (const [framework, file] of Object.entries(components)) {
      const name = `${engine}: an edited component of ${framework} goes on with its stream`;
      await t.test(name, { timeout: 60_000 }, (t) => outlivesEdits(t, browser, framework, file));
    }
  });
}

async function outlivesEdits(t, browser, framework, file) {
  const origin = vite.resolvedUrls?.local[0]?.replace(/\/$/, '');
  const server = await Server.start({ flags: ['--allow-origin', origin] });
  t.after(() => server.stop());
  const alice = await User.logIn(server, 'alice@test.com');
  const chat = await alice.createChat(alice);
  const path = join(folder, file);
  const original = readFileSync(path, 'utf8');
  t.after(() => writeFileSync(path, original));
  const options = encodeURIComponent(JSON.stringify({ url: server.url, token: alice.token }));
  const tab = await browser.open(`${origin}/${framework}.html#${options}`);
  t.after(() => tab.close());

  await tab.until((tab) => tab.shown().includes('first text open'));
  const sent = numbered('before', 3);
  await sendAll(chat, sent);
  await tab.run((tab) => {
    window.joined = tab.current();
  });
  const during = await sendDuring(chat, 'during', async () => {
    writeFileSync(path, original.replace('first text', 'second text'));
    await tab.until((tab) => tab.shown().includes('second text open'));
  });
  sent.push(...during);
  await sendAll(chat, ['after']);
  sent.push('after');
  await tab.until((tab) => tab.heard().at(-1) === 'after');
  const heard = await tab.run((tab) => tab.heard());
  // Svelte makes the component anew: what came before the new one listened is not the new one's.
  const isNew = framework === 'svelte';
  assert.deepEqual(heard, isNew ? sent.filter((each) => heard.includes(each)) : sent);
  assert.equal(await tab.run((tab) => tab.current() !== window.joined), isNew, 'joined anew');
  assert.equal(await server.metric('sse_connections_total'), 1, 'connections ever opened');
  // A component that was made anew leaves its stream a moment later.
  await eventually(async () => {
    const { tabs } = await tab.run((tab) => tab.current().inspect());
    assert.equal(tabs.length, 1, 'the streams of this page');
  }, 5_000);
}
