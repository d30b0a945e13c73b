/** One real tab with the test page (`pages/tab.html`) in it. */
export class Tab {
  #browser;
  #handle;

  constructor(browser, handle) {
    this.#browser = browser;
    this.#handle = handle;
  }

  /**
   * Runs an async function in the tab. Its first argument is the page's `window.tab`, the others
   * come from here; it sees nothing else of this file.
   */
  run(code, ...args) {
    const script = `
      const done = arguments[arguments.length - 1];
      const args = Array.prototype.slice.call(arguments, 0, -1);
      Promise.resolve()
        .then(() => (${code})(window.tab, ...args))
        .then((value) => done({ value }), (error) => done({ error: String(error), stack: error?.stack }));
    `;
    return this.#browser.inTab(this.#handle, async (driver) => {
      const { value, error, stack } = await driver.executeAsyncScript(script, ...args);
      if (error) throw new Error(`in the tab: ${error}\n${stack ?? ''}`);
      return value;
    });
  }

  /**
   * Waits, in the page, until `test(tab)` is true, and gives what it gave; fails with what the tab
   * has recorded.
   */
  until(test, within = 10_000) {
    return this.run(`(tab) => tab.until(${test}, ${within})`);
  }

  /** The contents of the chat messages that the tab's listener got, in order, reloads included. */
  messages() {
    return this.run((tab) => tab.messages());
  }

  /** Waits until the tab has that many messages and gives them all. */
  async untilMessages(count, within) {
    await this.until(`(tab) => tab.messages().length >= ${count}`, within);
    return this.messages();
  }

  untilState(state, within) {
    return this.until(`(tab) => tab.status()?.state === '${state}'`, within);
  }

  /** Waits until the tab's place is in IndexedDB: a crash from then on loses none of it. */
  untilStored() {
    return this.run(async (tab) => {
      const done = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const db = await done(indexedDB.open('tabcast', 1));
      for (let stored = []; !stored.includes(tab.status().lastEventId); ) {
        stored = await done(db.transaction('cursors').objectStore('cursors').getAll());
      }
      db.close();
    });
  }

  reload() {
    return this.#browser.inTab(this.#handle, async (driver) => {
      await driver.navigate().refresh();
      // WebKit's driver may be back before the new page's modules have run.
      await driver.executeAsyncScript(`
        const done = arguments[0];
        if (document.readyState === 'complete') done();
        else addEventListener('load', () => done());
      `);
    });
  }

  /** Leaves for another page. */
  go(url) {
    return this.#browser.inTab(this.#handle, (driver) => driver.get(url));
  }

  /** Comes back from there. */
  back() {
    return this.#browser.inTab(this.#handle, (driver) => driver.navigate().back());
  }

  /** Sends a command of the Chrome DevTools protocol, which only Chromium's driver does. */
  devTools(command, parameters = {}) {
    return this.#browser.inTab(this.#handle, (driver) =>
      /** @type {any} */ (driver).sendDevToolsCommand(command, parameters),
    );
  }

  /** Takes the network from the page, or gives it back. Only Chromium's driver can. */
  setOnline(online) {
    const conditions = { latency: 0, download_throughput: -1, upload_throughput: -1 };
    return this.#browser.inTab(this.#handle, (driver) =>
      /** @type {any} */ (driver).setNetworkConditions({ ...conditions, offline: !online }),
    );
  }

  /** Gives its window another size, in CSS pixels. */
  resize(width, height) {
    return this.#browser.inTab(this.#handle, (driver) =>
      driver.manage().window().setRect({ width, height }),
    );
  }

  /** Has the page shown as somebody sees it who likes it `dark` or `light`. Only Chromium's driver can. */
  prefer(scheme) {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    return this.#browser.inTab(this.#handle, (driver) =>
      /** @type {any} */ (driver).sendDevToolsCommand('Emulation.setEmulatedMedia', { features }),
    );
  }

  close() {
    return this.#browser.inTab(this.#handle, (driver) => driver.close());
  }

  /** Shows the tab, as a click on it would. */
  show() {
    return this.#browser.inTab(this.#handle, async () => {});
  }

  /** A picture of what is seen, as WebP, a third of a PNG's size, in base64. Only Chromium's driver can. */
  smallScreenshot() {
    return this.#browser.inTab(this.#handle, async (driver) => {
      const { data } = await /** @type {any} */ (driver).sendAndGetDevToolsCommand(
        'Page.captureScreenshot',
        { format: 'webp', quality: 80 },
      );
      return data;
    });
  }

  /** A picture, as base64: of what is seen of the page, or of one element. */
  screenshot(selector) {
    return this.#browser.inTab(this.#handle, async (driver) =>
      selector
        ? (await driver.findElement({ css: selector })).takeScreenshot()
        : driver.takeScreenshot(),
    );
  }
}
