import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, Capabilities } from 'selenium-webdriver';
import { DriverService } from 'selenium-webdriver/remote/index.js';
import { browserBinaries } from '../../../scripts/setup/browsers.mjs';
import { startDisplay } from './display.mjs';

/** For each engine its driver's executable and what to ask of it. */
const engines = {
  chromium: {
    driver: '/usr/bin/chromedriver',
    capabilities: (profile) => ({
      browserName: 'chrome',
      'goog:chromeOptions': {
        binary: browserBinaries.chromium,
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
          '--window-size=1280,900',
          `--user-data-dir=${profile}`,
        ],
      },
    }),
  },
  firefox: {
    // From the path: the set-up keeps it in its cache.
    driver: 'geckodriver',
    capabilities: () => ({
      browserName: 'firefox',
      'moz:firefoxOptions': {
        binary: browserBinaries.firefox,
        args: ['-headless', '--width=1280', '--height=900'],
        prefs: { 'network.manage-offline-status': true },
      },
    }),
  },
  webkit: {
    driver: '/usr/bin/WebKitWebDriver',
    capabilities: () => ({
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary: browserBinaries.webkit, args: ['--automation'] },
    }),
  },
};

/**
 * Starts one browser with a profile of its own under a driver process of its own.
 * Gives selenium's driver, and `stop` that ends both and leaves nothing behind.
 */
export async function startEngine(name) {
  const { driver: executable, capabilities } = engines[name];
  const scratch = mkdtempSync(join(tmpdir(), `tabcast-${name}-`));
  const display = name === 'webkit' ? await startDisplay() : undefined;
  const service = new DriverService.Builder(executable)
    .setLoopback(true)
    // Firefox's profile is made by its driver, in the temporary folder.
    .setEnvironment({ ...process.env, ...display?.env, TMPDIR: scratch })
    .build();
  let driver;
  const stop = async () => {
    await driver?.quit();
    await service.kill();
    await display?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    driver = await new Builder()
      .usingServer(await service.start(20_000))
      .withCapabilities(new Capabilities(capabilities(join(scratch, 'profile'))))
      .build();
    await driver.manage().setTimeouts({ script: 60_000, pageLoad: 30_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { driver, stop };
}
