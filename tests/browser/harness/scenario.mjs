import { test } from 'node:test';
import { selectedEngines } from '../../../scripts/setup/browsers.mjs';
import { Browser } from './browser.mjs';
import { User } from './chat.mjs';
import { Server } from './server.mjs';

/**
 * Registers one test for each engine, each with a server, a browser and a chat of its own.
 *
 * `run` gets `{server, browser, alice, chat, openTab, t}`: alice is logged in, the chat is hers, and
 * `openTab(options?)` gives a tab that is connected as her.
 */
export function scenario(name, run, { flags = [] } = {}) {
  for (const engine of selectedEngines()) {
    test(`${engine}: ${name}`, { timeout: 90_000 }, async (t) => {
      const server = await Server.start({ flags });
      t.after(() => server.stop());
      const browser = await Browser.start(engine);
      t.after(() => browser.stop());
      const alice = await User.logIn(server, 'alice@test.com');
      const bob = await User.logIn(server, 'bob@test.com');
      const chat = await bob.createChat(alice, bob);
      const openTab = (options = { token: alice.token }) => openConnected(browser, server, options);
      try {
        await run({ server, browser, alice, bob, chat, openTab, t });
      } catch (error) {
        t.diagnostic(`the server's log:\n${server.log}`);
        throw error;
      }
    });
  }
}

/** A tab that connects as its page loads, and again when it is reloaded: the options are in its URL. */
async function openConnected(browser, server, options) {
  const tab = await browser.open(
    `${server.url}/tab.html#${encodeURIComponent(JSON.stringify(options))}`,
  );
  await tab.untilState('open');
  return tab;
}
