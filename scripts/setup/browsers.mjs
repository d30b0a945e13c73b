import { join } from 'node:path';
import { Sentence } from '../lib/log.mjs';
import { debianPackages } from './apt.mjs';
import { cargoTool } from './cargo-tool.mjs';

/** Debian's packages for each engine, with the file that each brings. */
const packages = {
  chromium: { chromium: '/usr/bin/chromium', 'chromium-driver': '/usr/bin/chromedriver' },
  firefox: { 'firefox-esr': '/usr/lib/firefox-esr/firefox-esr' },
  webkit: { 'webkit2gtk-driver': '/usr/bin/WebKitWebDriver', xvfb: '/usr/bin/Xvfb' },
};

export const browserBinaries = {
  chromium: packages.chromium.chromium,
  firefox: packages.firefox['firefox-esr'],
  webkit: '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
};

/** The engines to test in: all, or those that `ENGINES=chromium,firefox` names. */
export function selectedEngines() {
  const all = Object.keys(packages);
  const named = process.env.ENGINES?.split(/[\s,]+/).filter(Boolean) ?? all;
  const unknown = named.find((name) => !all.includes(name));
  if (unknown) throw new Sentence(`ENGINES names "${unknown}"; it may name ${all.join(', ')}.`);
  return named;
}

/** Installs the engines' browsers and drivers; gives the path of each engine's WebDriver. */
export async function browsers(engines) {
  await debianPackages(
    Object.assign({}, ...engines.map((name) => packages[name])),
    'Testing in browsers',
  );
  return {
    chromium: packages.chromium['chromium-driver'],
    firefox: engines.includes('firefox') ? join(await geckodriver(), 'geckodriver') : undefined,
    webkit: packages.webkit['webkit2gtk-driver'],
  };
}

const geckodriver = () =>
  cargoTool('geckodriver', '0.37.1', { locked: true, about: 'about a minute' });
