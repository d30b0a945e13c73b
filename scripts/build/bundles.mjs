import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sentence } from '../lib/log.mjs';
import { distDir, npmBin, root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';
import { glue } from './wasm.mjs';

export const pageBundle = join(distDir, 'index.js');
export const workerBundle = join(distDir, 'worker.js');
const hostBundle = join(distDir, 'host.js');
const types = join(distDir, 'index.d.ts');

const sources = ['page', 'worker', 'package-lock.json', 'tsconfig.base.json'].map((path) =>
  join(root, path),
);

/** The package's two scripts, each one file. */
export async function bundle() {
  await step(
    'bundles',
    { inputs: [...sources, glue], outputs: [pageBundle, workerBundle, hostBundle] },
    async () => {
      await run(npmBin('esbuild'), [
        'index=page/index.ts',
        'worker=worker/index.ts',
        'host=worker/host.ts',
        'diagnostics=page/diagnostics.ts',
        '--bundle',
        '--external:./host.js',
        '--external:./diagnostics.js',
        '--minify',
        '--format=esm',
        '--target=es2022',
        '--sourcemap=linked',
        `--outdir=${distDir}`,
        '--log-level=warning',
      ]);
      keepsUrl(pageBundle, './worker.js');
      keepsUrl(workerBundle, 'tabcast.wasm');
      keepsUrl(hostBundle, 'tabcast.wasm');
    },
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

/** The package's public types as one file. */
export async function bundleTypes() {
  await step(
    'types',
    { inputs: [...sources, join(root, 'tsconfig.page.json')], outputs: [types] },
    () =>
      run(npmBin('dts-bundle-generator'), [
        '--silent',
        '--project=tsconfig.page.json',
        '--no-check',
        '--no-banner',
        `--out-file=${types}`,
        'page/index.ts',
      ]),
  );
}
