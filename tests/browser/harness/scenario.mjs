import { after, test } from 'node:test';
import { selectedEngines } from '../../../scripts/setup/browsers.mjs';
import { Browser } from './browser.mjs';
import { User } from './chat.mjs';
import { Server } from './server.mjs';

/** Starting one costs more than most scenarios do: all of a file share one for each engine. */
const browsers = new Map();

function browserOf(engine) {
  if (!browsers.has(engine)) browsers.set(engine, Browser.start(engine));
  return browsers.get(engine);
}

after(async () => {
  for (const browser of browsers.values()) await (await browser).stop();
});

/**
 * Registers one test for each engine, each with a server and a chat of its own. To the browser it
 * is another site than those before it, whose tabs are closed.
 *
 * `run` gets `{server, browser, alice, chat, openTab, t}`: alice is logged in, the chat is hers, and
 * `openTab(options?)` gives a tab that is connected as her.
 */
export function scenario(name, run, { flags = [] } = {}) {
  for (const engine of selectedEngines()) {
    test(`${engine}: ${name}`, { timeout: 90_000 }, async (t) => {
      const server = await Server.start({ flags });
      t.after(() => server.stop());
      const browser = await browserOf(engine);
      t.after(() => browser.closeTabs());
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

/**
 * A tab that connects as its page loads, and again when it is reloaded: the options are in its URL.
 * It has a place to resume from.
 */
async function openConnected(browser, server, options) {
  const tab = await browser.open(
    `${server.url}/tab.html#${encodeURIComponent(JSON.stringify(options))}`,
  );
  await tab.until((tab) => tab.status()?.state === 'open' && tab.status().lastEventId);
  return tab;
}
