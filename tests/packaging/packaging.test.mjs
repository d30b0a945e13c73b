/** The packed package in the set-ups that docs/guide/bundlers.md is about. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { setUps } from '../../scripts/setup/set-ups.mjs';
import { Browser } from '../browser/harness/browser.mjs';
import { User } from '../browser/harness/chat.mjs';
import { Server } from '../browser/harness/server.mjs';
import { App, Packed } from './harness/app.mjs';
import { Host } from './harness/host.mjs';
import { untilShown } from './harness/shown.mjs';

/** @type {Packed} */ let packed;
/** @type {Browser} */ let browser;

before(async () => {
  await setUps();
  packed = await Packed.make();
  browser = await Browser.start('chromium');
});
after(async () => {
  await browser?.stop();
  packed?.remove();
});

test('the tarball has what is meant to be in it, and nothing else', () => {
  const meant =
    /^(LICENSE-(MIT|APACHE)|README\.md|package\.json|dist\/[\w-]+\.js(\.map)?|dist\/tabcast\.wasm|dist\/types\/[\w/-]+\.d\.ts)$/;
  assert.deepEqual(
    packed.files.filter((path) => !meant.test(path)),
    [],
  );
  const { exports } = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'));
  for (const path of Object.values(exports).flatMap((entry) =>
    typeof entry === 'string' ? entry : Object.values(entry),
  )) {
    assert.ok(packed.files.includes(path.slice(2)), path);
  }
  for (const path of packed.files) {
    assert.ok(
      !readFileSync(join(packed.folder, path)).includes(root),
      `${path} names this machine`,
    );
  }
});

test('every script has a source map, with its sources', () => {
  for (const path of packed.files.filter((path) => path.endsWith('.js'))) {
    assert.ok(packed.files.includes(`${path}.map`), path);
    const map = JSON.parse(readFileSync(join(packed.folder, `${path}.map`), 'utf8'));
    assert.ok(map.sourcesContent.every(Boolean), path);
  }
});

setUp('vite', 'Vite, built', async ({ app, shares }) => {
  await app.script('build');
  assert.equal(app.files('dist', '.wasm').length, 1);
  await shares({ folder: join(app.folder, 'dist') });
});

setUp('vite', 'Vite, in development', async ({ app, shares }) => {
  await shares({ app: await app.serve('dev', '--host', '127.0.0.1', '--port', '0') });
});

setUp('vite', 'Vite, the worker in one file', async ({ app, shares }) => {
  const [, importLine] = block('js', 'inline-worker.js').match(/^(import workerUrl .*)$/m);
  assert.ok(readFileSync(join(app.folder, 'inline.js'), 'utf8').includes(importLine));
  await app.script('build');
  const folder = join(app.folder, 'dist');
  await shares({ folder, lacks: '.wasm' }, { page: '/inline.html', wasm: 0 });
});

setUp('webpack', 'webpack', async ({ app, shares }) => {
  await app.script('build');
  assert.equal(app.files('dist', '.wasm').length, 1);
  await shares({ folder: join(app.folder, 'dist') });
});

for (const bundler of ['esbuild', 'rollup']) {
  setUp(bundler, bundler, async ({ app, shares }) => {
    const folder = await buildAsDocumented(app, bundler);
    assert.equal(app.files('dist', '.wasm').length, 1);
    await shares({ folder });
  });
}

setUp('next', 'Next.js', async ({ app, shares }) => {
  await app.script('build');
  assert.equal(app.files('.next/static', '.wasm').length, 1);
  await shares({ app: await app.serve('start', '--hostname', '127.0.0.1', '--port', '0') });
});

setUp('html', 'a page without a bundler', async ({ app, shares }) => {
  await shares({ folder: pageAsDocumented(app) });
});

setUp('html', 'the worker elsewhere, by `workerUrl`', async ({ app, shares }) => {
  const workerUrl = '/node_modules/tabcast/dist/worker.js?elsewhere';
  await shares({ folder: pageAsDocumented(app) }, { options: { workerUrl } });
});

setUp('html', 'a host without `.wasm` files', async ({ app, shares }) => {
  const workerUrl = '/node_modules/tabcast/dist/inline-worker.js';
  const folder = pageAsDocumented(app);
  await shares({ folder, lacks: '.wasm' }, { options: { workerUrl }, wasm: 0 });
});

const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

setUp('esbuild', 'a strict content security policy', async ({ app, shares }) => {
  const folder = await buildAsDocumented(app, 'esbuild');
  await shares({ folder, headers: { 'content-security-policy': policy } });
});

setUp('esbuild', 'a policy that forbids WebAssembly: it says so', async ({ app, opens }) => {
  const tab = await opens({
    folder: await buildAsDocumented(app, 'esbuild'),
    headers: { 'content-security-policy': policy.replace(" 'wasm-unsafe-eval'", '') },
  });
  await untilShown(tab, 'check its URL and the CSP');
});

/** Builds with the commands that the guide gives for a bundler; gives the folder with the app. */
async function buildAsDocumented(app, bundler) {
  await app.shell(`${block('sh', `${bundler} app.js`)}\ncp index.html dist/`);
  return join(app.folder, 'dist');
}

/** The guide's page for an app without a bundler; gives the folder with it. */
function pageAsDocumented(app) {
  const page = `<!doctype html><body>${block('html', 'importmap')}`;
  writeFileSync(join(app.folder, 'index.html'), page);
  return app.folder;
}

/** The guide's code block in a language that has these words in it. */
function block(language, words) {
  const guide = readFileSync(join(root, 'docs', 'guide', 'bundlers.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```(\w+).*\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, name, code]) => name === language && code.includes(words));
  assert.ok(found, `the guide has a ${language} block with "${words}"`);
  return found[2];
}

/** Registers a test of an app in a set-up, with a server of its own. */
function setUp(name, title, run) {
  test(title, { timeout: 120_000 }, async (t) => {
    const app = new App(name, packed);
    t.after(() => app.remove());
    const server = await Server.start();
    t.after(() => server.stop());
    const alice = await User.logIn(server, 'alice@test.com');
    const bob = await User.logIn(server, 'bob@test.com');
    const chat = await bob.createChat(alice, bob);

    const start = async (hosting) => {
      const host = await Host.start({ backend: server.url, ...hosting });
      t.after(() => host.stop());
      return host;
    };
    const open = async (host, page = '/', options = {}) => {
      const hash = encodeURIComponent(JSON.stringify({ token: alice.token, ...options }));
      const tab = await browser.open(`${host.url}${page}#${hash}`);
      t.after(() => tab.close());
      return tab;
    };
    const opens = async (hosting) => open(await start(hosting));

    /** Two tabs of the app share a connection, for which the WebAssembly came once. */
    const shares = async (hosting, { page = '/', options = {}, wasm = 1 } = {}) => {
      const host = await start(hosting);
      const share = async (options, opened, connections) => {
        const tabs = [await open(host, page, options), await open(host, page, options)];
        for (const tab of tabs) await untilShown(tab, opened);
        const content = `seen where it is ${opened}`;
        await chat.send(content);
        for (const tab of tabs) await untilShown(tab, content);
        const opens = await server.metric('sse_connections_total');
        assert.equal(opens, connections, 'connections ever opened');
      };
      await share(options, 'open by shared-worker', 1);
      // A page for the browser's own `EventSource`, of which the import was changed.
      await share({ ...options, asEventSource: true }, 'open as EventSource', 2);
      assert.equal(host.asked('.wasm').length, wasm, `${host.asked('.wasm')}`);
    };
    await run({ app, opens, shares });
  });
}
