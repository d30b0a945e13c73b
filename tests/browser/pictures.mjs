/**
 * The pictures of the diagnostic page and the inspector, for `docs/images/` and for a look at a
 * change: `node tests/browser/pictures.mjs [folder [light|dark [width]]]`. Needs what `npm run build`
 * leaves.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';
import { Browser } from './harness/browser.mjs';
import { Server } from './harness/server.mjs';

const [, , folder = join(root, 'docs/images'), scheme = 'light', width = '1000'] = process.argv;
mkdirSync(folder, { recursive: true });

/** Faults of the page's own list, and what it calls them. */
const faults = {
  mute: 'mute',
  buffer: 'buffered',
  cut: 'cut',
  refuse: 'refused',
  unavailable: 'unavailable',
  unauthorized: 'token',
  contentType: 'content-type',
  stall: 'silent',
  stopped: 'stopped',
};

const settings = 'connectTimeout=1500&firstData=7000&silence=3500&transport=fetch';
const server = await Server.start({ www: join(root, 'www'), flags: ['--heartbeat', '500ms'] });
const browser = await Browser.start('chromium');
try {
  const tab = await browser.open(`${server.url}/?${settings}`);
  await tab.resize(Number(width), 1100);
  await tab.prefer(scheme);
  await click(tab, '#seeded button:nth-child(3)');
  await named(tab, 'fine');
  await click(tab, '#send-ten');
  for (const [fault, cause] of Object.entries(faults)) {
    await click(tab, `[data-fault="${fault}"] button`);
    await named(tab, cause);
    await take(tab, `diagnosis-${cause}`, '#diagnosis');
    await click(tab, '#fault-end');
    await named(tab, 'fine');
  }
  await click(tab, '[data-fault="noHeartbeat"] button');
  const messages = await tab.run(() =>
    setInterval(() => document.getElementById('send-ten').click(), 300),
  );
  await named(tab, 'no-heartbeat');
  await take(tab, 'diagnosis-no-heartbeat', '#diagnosis');
  await tab.run((_, messages) => clearInterval(messages), messages);
  await click(tab, '#fault-end');
  await named(tab, 'fine');
  await take(tab, 'diagnosis-fine', '#diagnosis');

  await server.end('SIGKILL');
  await named(tab, 'server-away');
  await take(tab, 'diagnosis-server-away', '#diagnosis');
  await server.startAgain();
  await click(tab, '#reconnect');
  await named(tab, 'fine');
  await tab.go(`${server.url}/?${settings}&types=new_mesage`);
  await named(tab, 'fine');
  await click(tab, '#send-ten');
  await named(tab, 'not-mine');
  await take(tab, 'diagnosis-not-mine', '#diagnosis');
  await tab.go(`${server.url}/?${settings}`);
  await named(tab, 'fine');
  await click(tab, '#send-ten');

  const session = await tab.run(() => sessionStorage.getItem('tabcast-www:session'));
  for (let tabs = 1; tabs < 3; tabs++) {
    const other = await browser.open(server.url);
    await other.run((_, text) => sessionStorage.setItem('tabcast-www:session', text), session);
    await other.reload();
    await named(other, 'fine');
  }
  await counted(tab, '3');
  await takeWindow(tab, 'diagnostic-page');
  await click(tab, '#send-ten');
  await click(tab, '#open-inspector');
  // Until the curves have some length.
  await tab.run(() => {
    const { shadowRoot } = document.querySelector('tabcast-inspector');
    return new Promise((resolve) => {
      const curves = [...shadowRoot.querySelectorAll('.curve path:not(.area)')];
      const look = () =>
        curves.every((curve) => curve.getAttribute('d')?.split('L').length > 8) && resolve(true);
      new MutationObserver(look).observe(shadowRoot, { subtree: true, attributeFilter: ['d'] });
      setInterval(() => document.getElementById('send-ten').click(), 900);
    });
  });
  await takeWindow(tab, 'inspector');
} finally {
  await browser.stop();
  await server.stop();
}

function click(tab, selector) {
  return tab.run((_, selector) => document.querySelector(selector).click(), selector);
}

function named(tab, cause) {
  return tab.run((_, cause) => {
    const panel = document.getElementById('diagnosis');
    return new Promise((resolve) => {
      const look = () => panel.dataset.cause === cause && resolve(true);
      new MutationObserver(look).observe(panel, { attributes: true });
      look();
    });
  }, cause);
}

function counted(tab, tabs) {
  return tab.run((_, tabs) => {
    const figure = document.getElementById('tab-count');
    return new Promise((resolve) => {
      const look = () => figure.textContent === tabs && resolve(true);
      new MutationObserver(look).observe(figure, { childList: true, characterData: true });
      look();
    });
  }, tabs);
}

/** Of one element. */
async function take(tab, name, selector) {
  writeFileSync(join(folder, `${name}.png`), await tab.screenshot(selector), 'base64');
}

/** Of all that is seen. */
async function takeWindow(tab, name) {
  writeFileSync(join(folder, `${name}.webp`), await tab.smallScreenshot(), 'base64');
}
