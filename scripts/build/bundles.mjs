import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sentence } from '../lib/log.mjs';
import { distDir, npmBin, root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';
import { glue, wasm } from './wasm.mjs';

const pageBundle = join(distDir, 'index.js');
export const workerBundle = join(distDir, 'worker.js');
export const inlineWorkerBundle = join(distDir, 'inline-worker.js');
const hostBundle = join(distDir, 'host.js');

/** What pages import, beside `tabcast` itself. */
const adapters = ['react', 'vue', 'svelte'];
export const adapterBundles = adapters.map((name) => join(distDir, `${name}.js`));

const sources = ['page', 'worker', 'package-lock.json', 'tsconfig.base.json'].map((path) =>
  join(root, path),
);

/** What pages load only when they need it, each a file of its own. */
export const lazy = ['host', 'diagnostics', 'rota', 'cursor-store', 'validation', 'page-id'];
const external = lazy.map((name) => `--external:./${name}.js`);

const esbuild = (...args) =>
  run(npmBin('esbuild'), [
    ...args,
    '--bundle',
    '--minify',
    '--format=esm',
    '--target=es2022',
    '--sourcemap=linked',
    '--log-level=warning',
    `--outdir=${distDir}`,
  ]);

/** What `index.js` hands on, apart from each other: a page gets what it imports, and what both need once. */
const parts = ['connect', 'shared-event-source'];
const shared = join(distDir, 'shared.js');
const partFiles = [shared, ...parts.map((name) => join(distDir, `${name}.js`))];

/** The package's scripts. */
export async function bundle() {
  const outputs = [pageBundle, ...partFiles, workerBundle, hostBundle, ...adapterBundles];
  await step('bundles', { inputs: [...sources, glue], outputs }, async () => {
    await esbuild(
      ...parts.map((name) => `${name}=page/${name}.ts`),
      '--splitting',
      '--chunk-names=shared',
      ...external,
    );
    await esbuild(
      'index=page/index.ts',
      'worker=worker/index.ts',
      'host=worker/host.ts',
      'diagnostics=page/diagnostics.ts',
      'rota=page/rota.ts',
      'inspector=page/inspector.ts',
      'cursor-store=page/cursor-store.ts',
      'validation=page/validation.ts',
      'page-id=page/page-id.ts',
      ...adapters.map((name) => `${name}=page/${name}.ts`),
      ...external,
      ...parts.map((name) => `--external:./${name}.js`),
      // There is one `connect`, and one class of errors, whatever a page imports.
      '--external:./index.js',
      '--packages=external',
    );
    keepsUrl(shared, './worker.js');
    keepsUrl(workerBundle, 'tabcast.wasm');
    keepsUrl(hostBundle, 'tabcast.wasm');
  });
}

/** The worker with the WebAssembly in it, which has to be there. */
export async function bundleInlineWorker() {
  const inputs = [...sources, glue, wasm];
  await step('inline worker', { inputs, outputs: [inlineWorkerBundle] }, () =>
    esbuild('inline-worker=worker/inline.ts', '--loader:.wasm=binary'),
  );
}

/** Bundlers find the package's other files by this literal expression, and by nothing else. */
function keepsUrl(file, name) {
  const literal = new RegExp(
    `new URL\\(["'\`]${name.replaceAll('.', '\\.')}["'\`],\\s*import\\.meta\\.url\\)`,
  );
  if (!literal.test(readFileSync(file, 'utf8'))) {
    throw new Sentence(
      `${file} lost its literal \`new URL('${name}', import.meta.url)\`: bundlers would not find the file.`,
    );
  }
}

/** The package's public types, file by file as the source has them. */
export async function bundleTypes() {
  const inputs = [...sources, join(root, 'tsconfig.types.json')];
  const folder = join(distDir, 'types');
  // Workers export nothing; what imports one wants its URL.
  const ofWorkers = join(folder, 'worker.d.ts');
  await step('types', { inputs, outputs: [ofWorkers] }, async () => {
    rmSync(folder, { recursive: true, force: true });
    await run(npmBin('tsc'), ['-p', 'tsconfig.types.json', '--outDir', folder]);
    writeFileSync(ofWorkers, 'export {};\n');
  });
}
