import { setTimeout as pause } from 'node:timers/promises';
import { setVisible, takeVisibility } from '../browser/harness/visibility.mjs';

const MOST_TABS = 5;
/** How long a page may take to load once the network is back, in milliseconds. */
const LOAD_LIMIT = 20_000;
/** How long a browser may take to close what a page had that is gone, in milliseconds. */
const CLOSING = 1_000;
/** How long between two actions, in milliseconds. */
const BETWEEN = [50, 700];

/** The tabs of one user in the browser, and what happens to them. */
export class Tabs {
  #browser;
  #url;
  #opened = 0;
  /** How many there are, with those that are closing. */
  count = 0;
  /** Open ones, each with its name. */
  live = [];
  /** What closed ones had seen. */
  closed = [];

  constructor(browser, url) {
    this.#browser = browser;
    this.#url = url;
  }

  async add() {
    const tab = await this.#browser.open('about:blank');
    this.#opened += 1;
    this.count += 1;
    this.live.push({ name: `tab ${this.#opened}`, tab });
    await tab.go(this.#url).catch(() => {});
    await this.loaded(tab);
  }

  /** Loads a page again, as its user would, until it is there: the network may have been away. */
  async loaded(tab) {
    const limit = performance.now() + LOAD_LIMIT;
    while (!(await tab.run((tab) => Boolean(tab)).catch(() => false))) {
      if (performance.now() > limit) throw new Error('a page did not load');
      await pause(100);
      await tab.go('about:blank').catch(() => {});
      await tab.go(this.#url).catch(() => {});
    }
    await takeVisibility(tab);
  }

  async remove(one, end = () => one.tab.close()) {
    this.live.splice(this.live.indexOf(one), 1);
    // What comes between the two is nobody's any more.
    const record = await one.tab.run((tab) => tab.record());
    this.closed.push({ name: one.name, record });
    await end();
    setTimeout(() => {
      this.count -= 1;
    }, CLOSING);
  }

  crash(one) {
    return this.remove(one, async () => {
      // The driver says that the tab has crashed, as it should.
      await one.tab.devTools('Page.crash').catch(() => {});
      await one.tab.close().catch(() => {});
    });
  }

  async closeAll() {
    for (const { tab } of this.live) await tab.close().catch(() => {});
  }
}

/** What happens to tabs, each as `(tabs, one, lasts) => done`. */
const actions = {
  'tab opened': (tabs) => (tabs.live.length < MOST_TABS ? tabs.add() : undefined),
  'tab closed': (tabs, one) => (tabs.live.length > 1 ? tabs.remove(one) : undefined),
  'oldest tab closed': (tabs) => (tabs.live.length > 1 ? tabs.remove(tabs.live[0]) : undefined),
  'tab reloaded': async (tabs, { tab }) => {
    await tab.reload().catch(() => {});
    await tabs.loaded(tab);
  },
  'all tabs reloaded': async (tabs) => {
    for (const { tab } of tabs.live) await tab.reload().catch(() => {});
    for (const { tab } of tabs.live) await tabs.loaded(tab);
  },
  'tab hidden and shown': async (_, { tab }, lasts) => {
    await setVisible(tab, false);
    await pause(lasts);
    await setVisible(tab, true);
  },
  'all tabs hidden': async (tabs, _, lasts) => {
    for (const { tab } of tabs.live) await setVisible(tab, false);
    await pause(lasts);
    for (const { tab } of tabs.live) await setVisible(tab, true);
  },
  'back/forward cache': async (tabs, { tab }, lasts) => {
    const elsewhere = await tab.run(() => new URL('/elsewhere.html', location.href).href);
    await tab.go(elsewhere).catch(() => {});
    await pause(lasts);
    await tab.back().catch(() => {});
    await tabs.loaded(tab);
  },
};

/** What only some can show. */
const special = {
  /** The worker's code ends as it would with its process. */
  'worker dies': {
    shown: ({ host }) => host === 'shared-worker',
    act: (_, { tab }) => tab.run((tab) => tab.workerDies()),
  },
  /** The process of a tab is killed, and with it what else lives there: a worker, at times. */
  'tab crashes': {
    shown: ({ engine }) => engine === 'chromium',
    act: (tabs, one) => (tabs.live.length > 1 ? tabs.crash(one) : undefined),
  },
};

/** One action after the other, as the seed says, until `over()`. Counts them by kind. */
export async function happenings(tabs, where, random, over, count) {
  const possible = { ...actions };
  for (const [kind, { shown, act }] of Object.entries(special)) {
    if (shown(where)) possible[kind] = act;
  }
  while (!over()) {
    const kind = random.pick(Object.keys(possible));
    const one = random.pick(tabs.live);
    const lasts = random.between(100, 1_500);
    const between = random.between(...BETWEEN);
    count(kind);
    await possible[kind](tabs, one, lasts);
    await pause(between);
  }
}
