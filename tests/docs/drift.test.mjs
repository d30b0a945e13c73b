import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { apiFolder, generateApi } from '../../scripts/api/generate.mjs';
import { root } from '../../scripts/lib/paths.mjs';
import { pages } from './harness/blocks.mjs';

const read = (path) => readFileSync(join(root, path), 'utf8');
const kebab = (name) => name.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase();

test('troubleshooting has every state, every reason, and the advice as it is given', () => {
  const status = read('core/src/status.rs');
  const page = read('docs/guide/troubleshooting.md');

  const [, states] = status.match(/enum ReadyState \{([\s\S]*?)\n\}/);
  const inCode = [...states.matchAll(/^ {4}(\w+),/gm)].map(([, name]) => kebab(name));
  const inPage = [...page.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
  assert.deepEqual(inPage, inCode);

  const advice = [...status.matchAll(/Self::(\w+) => (?:\{\s*)?"((?:[^"\\]|\\.)*)"/g)];
  const told = advice.map(([, name, text]) => [kebab(name), text.replaceAll('\\"', '"')]);
  const quoted = [...page.matchAll(/^### `([\w-]+)`\n\n> (.*)$/gm)].map(([, ...quote]) => quote);
  assert.deepEqual(quoted, told);

  const [, ofPages] = read('page/types.ts').match(/export type Reason =([\s\S]*?);/);
  const own = [...ofPages.matchAll(/\| '([\w-]+)'/g)].map(([, name]) => name);
  const headings = [...page.matchAll(/^### `([\w-]+)`$/gm)].map(([, name]) => name);
  assert.deepEqual(headings.sort(), [...told.map(([name]) => name), ...own].sort());
});

test('the page-worker protocol has every message', () => {
  const types = read('worker/messages.ts');
  const page = read('docs/protocol-page-worker.md');
  const union = (name) =>
    types.match(new RegExp(`export type ${name} =([\\s\\S]*?);\\n(?:\\n|$)`))?.[1];
  const messages = {
    'From the page, over its port': [
      ...union('ToWorker').matchAll(/^ {2}\| (?:'([\w-]+)'|\{ (\w+):)/gm),
    ].map(([, word, member]) => word ?? member),
    "From the worker, over a page's port": [
      ...[...union('FromWorker').matchAll(/type: '([\w-]+)'/g)].map(([, type]) => type),
      'batch',
    ],
  };
  for (const [heading, inCode] of Object.entries(messages)) {
    const section = page.split(`## ${heading}\n`)[1].split('\n## ')[0];
    const inPage = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name);
    assert.deepEqual(inPage.sort(), inCode.sort());
  }
});

test('the API reference is what the comments say: `npm run api` writes it', async (t) => {
  const out = mkdtempSync(join(tmpdir(), 'tabcast-api-'));
  t.after(() => rmSync(out, { recursive: true, force: true }));
  await generateApi(out);
  const contents = (folder) =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );
  assert.deepEqual(contents(apiFolder), contents(out));
});

test('what the browser support page says the suites show, and do not, they do', () => {
  const page = read('docs/browser-support.md');
  const rows = [...page.matchAll(/^\| (.*) \|$/gm)].map(([, row]) => row.split(' | '));
  const file = /`(tests\/browser\/[\w-]+\.test\.mjs)`/g;
  const engines = ['chromium', 'firefox', 'webkit'];
  for (const [what, ...cells] of rows.filter((cells) => cells.length === 5)) {
    for (const [, path] of cells.at(-1).matchAll(file)) {
      const suite = read(path);
      assert.match(suite, /scenario\(|rows\(|selectedEngines\(\)/, `${what}: in every engine`);
    }
  }

  // `skip: {engine: reason}` is how suites leave a case out.
  const skipped = readdirSync(join(root, 'tests/browser'))
    .filter((name) => name.endsWith('.test.mjs'))
    .flatMap((name) => {
      const path = `tests/browser/${name}`;
      const found = [...read(path).matchAll(/skip: \{([^}]*)\}/g)].map(([, list]) =>
        engines.filter((engine) => list.includes(`${engine}:`)).join(', '),
      );
      return [...new Set(found)].map((list) => `${path} ${list}`);
    });
  const told = rows
    .filter((cells) => cells.length === 3 && cells[0].startsWith('`tests/'))
    .map(([path, list]) => `${path.replaceAll('`', '')} ${list}`);
  assert.deepEqual(told.sort(), skipped.sort());
});

test('links between pages lead somewhere', () => {
  const anchor = (heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
  for (const page of [...pages(), 'docs/server.md']) {
    for (const [, path = '', hash] of read(page).matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g)) {
      const target = path === '' ? page : join(dirname(page), path);
      assert.ok(existsSync(join(root, target)), `${page} links to ${path}`);
      if (!hash) continue;
      const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, text]) => anchor(text));
      assert.ok(headings.includes(hash), `${page} links to ${path}#${hash}`);
    }
  }
});
