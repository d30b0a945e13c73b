import { startEngine } from './engines.mjs';
import { Tab } from './tab.mjs';

/** WebKit's driver may take the end of the new window's empty page for that of the page asked for. */
const isLoaded = "return location.href !== 'about:blank' && document.readyState === 'complete'";

/** One browser with real tabs. */
export class Browser {
  #engine;
  #driver;
  #stop;
  #home;
  #turn = Promise.resolve();

  static async start(engine) {
    const { driver, stop } = await startEngine(engine);
    return new Browser(engine, driver, stop, await driver.getWindowHandle());
  }

  // The first tab stays where it is: the session ends with its last tab, and tests close theirs.
  constructor(engine, driver, stop, home) {
    this.#engine = engine;
    this.#driver = driver;
    this.#stop = stop;
    this.#home = home;
  }

  stop() {
    return this.#stop();
  }

  /** Opens a tab; gives it once its page has loaded. */
  async open(url) {
    const handle = await this.inTab(this.#home, async (driver) => {
      // WebKit keeps a tab opened as 'tab' hidden.
      await driver.switchTo().newWindow(this.#engine === 'webkit' ? 'window' : 'tab');
      await driver.get(url);
      // A page that wants none has it at once.
      if (url === 'about:blank') return driver.getWindowHandle();
      await driver.wait(() => driver.executeScript(isLoaded), 10_000, `${url} loads`, 20);
      return driver.getWindowHandle();
    });
    return new Tab(this, handle);
  }

  /** Closes all tabs but the first. */
  closeTabs() {
    return this.inTab(this.#home, async (driver) => {
      for (const handle of await driver.getAllWindowHandles()) {
        if (handle === this.#home) continue;
        await driver.switchTo().window(handle);
        await driver.close();
      }
    });
  }

  /** Shows the first tab, which hides all others where the engine hides tabs. */
  showHome() {
    return this.inTab(this.#home, async () => {});
  }

  /**
   * Lets `work` drive the tab. A session has one current tab, so tabs are driven in turn.
   *
   * @template T
   * @param {string} handle
   * @param {(driver: import('selenium-webdriver').WebDriver) => Promise<T>} work
   * @returns {Promise<T>}
   */
  inTab(handle, work) {
    const result = this.#turn.then(async () => {
      await this.#driver.switchTo().window(handle);
      return work(this.#driver);
    });
    this.#turn = result.then(
      () => {},
      () => {},
    );
    return result;
  }
}
