import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserBinaries, browsers } from '../../../scripts/setup/browsers.mjs';
import { startDisplay } from './display.mjs';

/** What to ask of each engine's driver. */
const capabilities = {
  chromium: (profile) => ({
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
  firefox: () => ({
    browserName: 'firefox',
    'moz:firefoxOptions': {
      binary: browserBinaries.firefox,
      args: ['-headless', '--width=1280', '--height=900'],
      prefs: { 'network.manage-offline-status': true },
    },
  }),
  webkit: () => ({
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary: browserBinaries.webkit, args: ['--automation'] },
  }),
};

/**
 * Starts one browser with a profile of its own under a driver process of its own.
 * Gives selenium's driver, and `stop` that ends both and leaves nothing behind.
 */
export async function startEngine(name) {
  const { [name]: executable } = await browsers([name]);
  // Not before: on a fresh clone the command that leads here installs it.
  const { Builder, Capabilities } = await import('selenium-webdriver');
  const { DriverService } = await import('selenium-webdriver/remote/index.js');
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
      .withCapabilities(new Capabilities(capabilities[name](join(scratch, 'profile'))))
      .build();
    await driver.manage().setTimeouts({ script: 60_000, pageLoad: 30_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { driver, stop };
}
