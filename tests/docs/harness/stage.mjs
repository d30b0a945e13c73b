import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from '../../browser/harness/browser.mjs';
import { User } from '../../browser/harness/chat.mjs';
import { Server } from '../../browser/harness/server.mjs';
import { untilShown } from '../../packaging/harness/shown.mjs';
import { isComponent } from './components.mjs';
import { writePage, writeStage } from './page.mjs';

/** What blocks run on: the real server and one real browser, with alice as the user of every page. */
export class Stage {
  #www = mkdtempSync(join(tmpdir(), 'tabcast-docs-'));
  #tabs = [];
  #faulty = false;
  /** @type {Server} */ server;
  /** @type {Browser} */ browser;
  /** @type {User} */ alice;
  /** @type {User} */ bob;
  /** A chat of all users. */
  chat = { send: async (_content) => {} };

  static async start() {
    const stage = new Stage();
    try {
      await stage.#start();
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  async #start() {
    writeStage(this.#www);
    this.server = await Server.start({ www: this.#www });
    this.browser = await Browser.start('chromium');
    this.alice = await User.logIn(this.server, 'alice@test.com');
    this.bob = await User.logIn(this.server, 'bob@test.com');
    this.chat = this.bob.chat(1);
  }

  async stop() {
    await this.browser?.stop();
    await this.server?.stop();
    rmSync(this.#www, { recursive: true, force: true });
  }

  /**
   * Opens a block in a tab. Each block has an origin of its own, and so a worker and a storage of
   * its own; tabs of one block share them.
   *
   * @param {import('./blocks.mjs').Block} block
   * @param {{origin?: string}} [options] another way to the server
   */
  async open(block, { origin = this.originOf(block) } = {}) {
    await writePage(this.#www, block);
    const tab = await this.browser.open(`${origin}/blocks/${block.id}.html`);
    this.#tabs.push(tab);
    return tab;
  }

  /** Browsers take every name under `localhost` for this machine, and for secure. */
  originOf(block) {
    return `http://${block.id}.localhost:${new URL(this.server.url).port}`;
  }

  /** Sets what is to go wrong with alice's streams; `{}` mends everything. */
  async faults(faults) {
    this.#faulty = true;
    await this.#test('faults', faults);
  }

  /** Sends alice an event of any type. */
  send(event_type, data) {
    return this.#test('event', { event_type, data });
  }

  async #test(route, body) {
    const response = await fetch(`${this.server.url}/__test/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: this.alice.id, ...body }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  /** Leaves nothing of a block to the next one. */
  async clear() {
    if (this.#faulty) await this.faults({});
    this.#faulty = false;
    for (const tab of this.#tabs.splice(0)) await tab.close();
    await this.server.untilConnections(0);
  }
}

const connects = /\b(connect|(Shared)?EventSource|useTabStream|tabStream)(<.*>)?\(/;

/** Without a story of its own: what the block opens is open, and what it shows is shown. */
export async function run(stage, block) {
  const tab = await stage.open(block);
  if (connects.test(block.code)) {
    await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  }
  if (isComponent(block)) {
    await stage.chat.send('hello');
    await untilShown(tab, 'hello');
  } else if (/\bshow\(/.test(block.code)) {
    await stage.chat.send('hello');
    await tab.until((stage) => stage.shown.length > 0);
  }
  await untroubled(tab);
}

/** Nothing that the page ran has thrown. */
export async function untroubled(tab) {
  const errors = await tab.run((stage) => stage.errors);
  if (errors.length > 0) throw new Error(errors.join('\n'));
}
