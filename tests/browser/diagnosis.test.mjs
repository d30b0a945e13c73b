import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { User } from './harness/chat.mjs';
import { eventually } from './harness/eventually.mjs';
import { sendDuring } from './harness/messages.mjs';
import { Server } from './harness/server.mjs';

/** How long the page may take to name a cause, in milliseconds. */
const WITHIN = 30_000;

/** Shorter than the defaults: the order of things is what counts here. */
const settings = 'connectTimeout=3000&firstData=3000&silence=2500';

/** What is switched on behind the page's back, and what the page has to say then. */
const faults = [
  [{ mute: true }, 'mute'],
  [{ buffer: 600 }, 'buffered'],
  [{ cut_after_bytes: 400 }, 'cut'],
  [{ refuse: true }, 'refused'],
  [{ status: 503 }, 'unavailable'],
  [{ status: 401 }, 'token'],
  [{ wrong_content_type: true }, 'content-type'],
  [{ stall_after: 1 }, 'silent'],
  [{ status: 204 }, 'stopped'],
];

for (const engine of selectedEngines()) {
  test(`${engine}: the diagnostic page names what is wrong`, { timeout: 180_000 }, async (t) => {
    const server = await Server.start({ www: join(root, 'www'), flags: ['--heartbeat', '500ms'] });
    t.after(() => server.stop());
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    const alice = await User.logIn(server, 'alice@test.com');
    const bob = await User.logIn(server, 'bob@test.com');
    const tab = await browser.open(`${server.url}/?${settings}`);

    const set = (body) =>
      fetch(`${server.url}/__test/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const breakWith = async (fault) => {
      await set({ user_id: alice.id, ...fault });
      // A stream that is open does not meet most of them.
      for (const { connection_id } of await server.streams())
        await set({ connection_id, cut_after_bytes: 0 });
    };
    const mend = async () => {
      await set({ user_id: alice.id });
      await click(tab, 'reconnect');
      await named(tab, 'fine');
    };

    await named(tab, 'logged-out');
    await tab.run(() => {
      /** @type {HTMLElement} */ (document.querySelectorAll('#seeded button')[2]).click();
    });
    await named(tab, 'fine');
    // By then the page knows how often they come.
    await heartbeats(tab, 3);

    for (const [fault, cause] of faults) {
      await t.test(JSON.stringify(fault), async () => {
        await breakWith(fault);
        await named(tab, cause);
        await mend();
      });
    }

    await t.test('no heartbeat, though messages come', async () => {
      await set({ user_id: alice.id, no_heartbeat: true });
      await sendDuring(bob.chat(1), 'still here', () => named(tab, 'no-heartbeat'));
      await mend();
    });

    await t.test('the server goes, and comes back', async () => {
      await server.end('SIGKILL');
      await named(tab, 'server-away');
      await server.startAgain();
      await click(tab, 'reconnect');
      await named(tab, 'fine');
    });

    await t.test('a listener for the wrong type', async () => {
      await tab.go(`${server.url}/?${settings}&types=new_mesage`);
      await named(tab, 'fine');
      // It knows by then whom it can write to.
      await enabled(tab, 'send-fields');
      await click(tab, 'send-ten');
      await named(tab, 'not-mine');
      const seen = await tab.run(() => document.getElementById('diagnosis-seen').textContent);
      assert.match(seen, /log as new_message, and this tab listens for new_mesage/);
    });

    await t.test('settings that do not work are said to be so', async () => {
      await tab.go(`${server.url}/?silence=soon`);
      await named(tab, 'fine');
      const error = await tab.run(() => document.getElementById('settings-error').textContent);
      assert.match(error, /`watchdog.silence` must be a number/);
    });
  });
}

const click = (tab, id) => tab.run((_, id) => document.getElementById(id).click(), id);

/** Waits until what is in this set of fields can be used. */
const enabled = (tab, id) =>
  eventually(async () => {
    assert.ok(await tab.run((_, id) => document.querySelector(`#${id}:enabled`) !== null, id));
  }, WITHIN);

/** Waits until the page names this cause. */
const named = (tab, cause) =>
  tab.run(
    (_, cause, within) =>
      new Promise((resolve, reject) => {
        const panel = document.getElementById('diagnosis');
        const end = (settle, value) => {
          observer.disconnect();
          clearTimeout(limit);
          settle(value);
        };
        const look = () => panel.dataset.cause === cause && end(resolve);
        const observer = new MutationObserver(look);
        const limit = setTimeout(() => {
          const said = `${panel.dataset.cause}: ${panel.textContent}`;
          end(reject, new Error(`not ${cause} within ${within} ms, but ${said}`));
        }, within);
        observer.observe(panel, { attributes: true });
        look();
      }),
    cause,
    WITHIN,
  );

/** Waits until the page has shown so many heartbeats. */
const heartbeats = (tab, count) =>
  tab.run((_, count) => {
    const rows = document.getElementById('flow');
    return new Promise((resolve) => {
      const look = () => {
        const types = [...rows.querySelectorAll('.type')].map(({ textContent }) => textContent);
        if (types.filter((type) => type === 'ping').length >= count) resolve(true);
      };
      new MutationObserver(look).observe(rows, { childList: true });
      look();
    });
  }, count);
