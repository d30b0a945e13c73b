import { test } from 'node:test';
import { selectedEngines } from '../../../scripts/setup/browsers.mjs';
import { Browser } from './browser.mjs';
import { User } from './chat.mjs';
import { Server } from './server.mjs';
import { Tap } from './tap.mjs';

/** How long a row may take, in milliseconds. */
const LIMIT = 60_000;

/**
 * Rows of the table "The connection": each runs on both transports in each engine, with a server,
 * a network and a chat of its own. Starting a browser costs more than most rows do, so all rows of
 * a file share one for each engine.
 *
 * @param {(row: (
 *   name: string,
 *   run: (row: Row) => Promise<void>,
 *   options?: {flags?: string[], transports?: string[], skip?: Record<string, string>},
 * ) => void) => void} register `flags` are the server's, `skip` has a reason for each engine that
 *   cannot show the row
 */
export function rows(register) {
  const all = [];
  register((name, run, options = {}) => all.push({ name, run, options }));
  for (const engine of selectedEngines()) {
    test(engine, async (t) => {
      const browser = await Browser.start(engine);
      t.after(() => browser.stop());
      for (const { name, run, options } of all) {
        const { transports = ['eventsource', 'fetch'], flags = [] } = options;
        const skip = options.skip?.[engine];
        for (const transport of transports) {
          await t.test(`${engine}, ${transport}: ${name}`, { skip, timeout: LIMIT }, async (t) => {
            const row = new Row(engine, transport, browser);
            t.after(() => row.stop());
            try {
              await row.start(flags);
              await run(row);
            } catch (error) {
              t.diagnostic(`the server's log:\n${row.server?.log}`);
              throw error;
            }
          });
        }
      }
    });
  }
}

/** What a row of the table is shown with. */
class Row {
  #taps = [];
  /** @type {Server} */ server;
  /** The way to the server. @type {Tap} */ tap;
  /** @type {User} */ alice;
  /** @type {User} */ bob;
  /** With alice and bob in it: what bob sends comes through alice's stream. */
  chat = { send: async (_content) => {} };

  constructor(engine, transport, browser) {
    this.engine = engine;
    this.transport = transport;
    this.browser = browser;
  }

  async start(flags) {
    this.server = await Server.start({ flags });
    this.tap = await this.network();
    this.alice = await User.logIn(this.server, 'alice@test.com');
    this.bob = await User.logIn(this.server, 'bob@test.com');
    this.chat = await this.bob.createChat(this.alice, this.bob);
  }

  async stop() {
    await this.browser.closeTabs();
    for (const tap of this.#taps) await tap.stop();
    await this.server?.stop();
  }

  /**
   * What a stream that is mute from its start is told to be. Firefox takes a response for open, in
   * `EventSource` and in `fetch`, once the first byte of its body is there, and not its head.
   */
  get mute() {
    return this.engine === 'firefox' ? 'timeout' : 'muted';
  }

  /** Another way to the server: another origin, and to the server as good as another browser. */
  async network() {
    const tap = await Tap.start(this.server.url);
    this.#taps.push(tap);
    return tap;
  }

  /** The options of a stream of alice, by this row's transport. */
  options(options = {}) {
    return { token: this.alice.token, transport: this.transport, ...options };
  }

  /** A tab that connects as alice as its page loads; it is not waited for. */
  open(options, tap = this.tap) {
    return this.browser.open(
      `${tap.url}/tab.html#${encodeURIComponent(JSON.stringify(this.options(options)))}`,
    );
  }

  /**
   * A tab that is connected as alice. Its stream is open and has given its first event: from then
   * on there is an id to resume after.
   */
  async openConnected(options, tap) {
    const tab = await this.open(options, tap);
    await tab.until((tab) => tab.status()?.state === 'open' && tab.status().lastEventId);
    return tab;
  }

  /** A tab that is not connected: its test calls `tab.open()` in it. */
  openBlank(tap = this.tap) {
    return this.browser.open(`${tap.url}/tab.html`);
  }

  /** Sets what is to go wrong with alice's streams; `{}` mends everything. */
  faults(faults) {
    return this.#test('faults', { user_id: this.alice.id, ...faults });
  }

  /** Sends alice an event of any type. */
  send(event_type, data) {
    return this.#test('event', { user_id: this.alice.id, event_type, data });
  }

  /** Cuts alice's open streams, once. */
  cut() {
    return this.faultsOfOpen({ cut_after_bytes: 0 });
  }

  /** Sets what is to go wrong with alice's open streams, and not with later ones. */
  async faultsOfOpen(faults) {
    for (const { user_id, connection_id } of await this.server.streams()) {
      if (user_id !== this.alice.id) continue;
      // One that is listed may be at its end, with the next one beside it.
      await this.#test('faults', { connection_id, ...faults }, [404]);
    }
  }

  async #test(route, body, alsoFine = []) {
    const response = await fetch(`${this.server.url}/__test/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok && !alsoFine.includes(response.status)) {
      throw new Error(`/__test/${route}: ${await response.text()}`);
    }
  }
}
