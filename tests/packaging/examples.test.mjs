/** Each app of `examples/`, built as a whole, in two tabs of a browser against the real server. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { npmBin, root } from '../../scripts/lib/paths.mjs';
import { run } from '../../scripts/lib/run.mjs';
import { Browser } from '../browser/harness/browser.mjs';
import { Server } from '../browser/harness/server.mjs';
import { untilShown } from './harness/shown.mjs';

let www;
/** @type {Browser} */ let browser;

before(async () => {
  www = mkdtempSync(join(tmpdir(), 'tabcast-examples-'));
  await run(npmBin('vite'), ['build', join(root, 'examples'), '--outDir', www]);
  browser = await Browser.start('chromium');
});
after(async () => {
  await browser?.stop();
  rmSync(www, { recursive: true, force: true });
});

const click = (tab, name) =>
  tab.run((_, name) => {
    const named = (button) => (button.ariaLabel ?? button.textContent) === name;
    [...document.querySelectorAll('button')].find(named).click();
  }, name);

example('notifications', async ({ server, open }) => {
  const tabs = [await open('alice@test.com'), await open('alice@test.com')];
  for (const tab of tabs) await untilShown(tab, 'open');
  await click(tabs[0], 'Notify me');
  for (const tab of tabs) await untilShown(tab, 'Notifications 1');
  for (const tab of tabs) await untilShown(tab, 'Your order left');
  await click(tabs[1], 'Mark all as read');
  for (const tab of tabs) await untilShown(tab, 'Notifications 0');
  assert.equal(await server.metric('sse_connections_total'), 1);
});

example('progress', async ({ server, open }) => {
  const tabs = [await open('alice@test.com'), await open('alice@test.com')];
  for (const tab of tabs) await untilShown(tab, 'open');
  await tabs[0].run(() => {
    const files = new DataTransfer();
    files.items.add(new File([new Uint8Array(300_000)], 'photo.jpg'));
    const input = document.querySelector('input');
    input.files = files.files;
    input.dispatchEvent(new Event('change'));
  });
  for (const tab of tabs) await untilShown(tab, 'photo.jpg 100 %');
  assert.equal(await server.metric('sse_connections_total'), 1);
});

example('ranking', async ({ server, open }) => {
  const judge = await open('super@test.com');
  const guest = await open('alice@test.com');
  for (const tab of [judge, guest]) await untilShown(tab, 'open');
  await click(judge, 'A point for Linus');
  await untilShown(judge, 'Linus 1');
  await click(judge, 'A point for Linus');
  for (const tab of [judge, guest]) await untilShown(tab, 'Linus 2');
  const places = () => [...document.querySelectorAll('li')].map((li) => li.textContent.trim());
  assert.match((await guest.run(places))[0], /^Linus/);
  assert.equal(await server.connections(), 2, 'one for each of two users');
});

example('presence', async ({ server, open, t }) => {
  const backend = spawn(process.execPath, [
    join(root, 'examples/presence/presence.mjs'),
    server.url,
  ]);
  t.after(async () => {
    backend.kill();
    if (backend.exitCode === null && backend.signalCode === null) await once(backend, 'exit');
  });
  const alice = await open('alice@test.com');
  await untilShown(alice, 'Alice online');
  const bob = await open('bob@test.com');
  for (const tab of [alice, bob]) await untilShown(tab, 'Bob online');
  await bob.close();
  await untilShown(alice, 'Bob online', { gone: true });
});

example('admin', async ({ server, open }) => {
  const tabs = [await open('super@test.com'), await open('super@test.com')];
  // Behind the state there is a comma; "open streams" stands there from the start.
  for (const tab of tabs) await untilShown(tab, 'open ,');
  await click(tabs[0], 'Raise an alert');
  for (const tab of tabs) await untilShown(tab, 'Alerts 1');
  for (const tab of tabs) await untilShown(tab, 'Queue is growing');
  await untilShown(tabs[1], '1 open streams');
  assert.equal(await server.metric('sse_connections_total'), 1);
});

function example(name, play) {
  test(`the example ${name}`, { timeout: 60_000 }, async (t) => {
    const server = await Server.start({ www });
    t.after(() => server.stop());
    const open = async (user) => {
      const tab = await browser.open(`${server.url}/${name}/index.html#${user}`);
      t.after(() => tab.close().catch(() => {}));
      return tab;
    };
    await play({ server, open, t });
  });
}
