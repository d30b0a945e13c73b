/**
 * A picture of a page of www/, for the documentation and for a look at a change:
 *
 *     node tests/browser/screenshot.mjs out.png [page] [engine]
 *
 * Logs in through the page's own form, if it has one. Needs what `npm run build` leaves.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/lib/paths.mjs';
import { Browser } from './harness/browser.mjs';
import { Server } from './harness/server.mjs';

const [out, page = '', engine = 'chromium'] = process.argv.slice(2);
if (!out) {
  console.error(
    'Say where the picture goes: node tests/browser/screenshot.mjs out.png [page] [engine]',
  );
  process.exit(2);
}

const server = await Server.start({ www: join(root, 'www') });
try {
  const browser = await Browser.start(engine);
  try {
    const tab = await browser.open(`${server.url}/${page}`);
    await tab.run(logIn);
    writeFileSync(out, await tab.screenshot(), 'base64');
  } finally {
    await browser.stop();
  }
} finally {
  await server.stop();
}

/** Runs in the page: submits the login form and waits until the page has changed and come to rest. */
async function logIn() {
  const password = document.querySelector('input[type=password]');
  if (!(password instanceof HTMLInputElement) || !password.form) return;
  const email = password.form.querySelector('input[type=email], input[name=email]');
  if (email instanceof HTMLInputElement) email.value = 'alice@test.com';
  password.value = 'password';
  const rest = new Promise((resolve) => {
    let timer;
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, 500);
    };
    new MutationObserver(changed).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
  });
  password.form.requestSubmit();
  await rest;
}
