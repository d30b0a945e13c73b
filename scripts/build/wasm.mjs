import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from '../lib/log.mjs';
import { distDir, generatedDir, npmBin, root, targetDir } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { step } from '../lib/step.mjs';
import { shortenNames } from './short-names.mjs';

/** The JavaScript glue, its types and the module as wasm-bindgen leaves them; `worker/` imports the glue. */
const glueDir = join(generatedDir, 'wasm-bindgen');
export const glue = join(glueDir, 'tabcast.js');
const rawWasm = join(glueDir, 'tabcast_bg.wasm');
export const wasm = join(distDir, 'tabcast.wasm');

/** What rustc emits for wasm32 by default; every browser of the last years has it, and Node 20 too. */
const features = [
  'bulk-memory',
  'bulk-memory-opt',
  'call-indirect-overlong',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
  'simd',
].map((name) => `--enable-${name}`);

/** How it is built is part of what is built. */
const scripts = ['wasm.mjs', 'short-names.mjs'].map((name) => join(root, 'scripts/build', name));

/**
 * Compiles the runtime and generates its glue.
 *
 * @param {{cargoEnv: Record<string, string>, bindgenDir: string}} tools from the set-up
 */
export async function buildGlue({ cargoEnv, bindgenDir }) {
  await timed('build', 'client-wasm', () =>
    run(
      'cargo',
      [
        'build',
        '--quiet',
        '-p',
        'tabcast-client-wasm',
        '--profile',
        'wasm',
        '--target',
        'wasm32-unknown-unknown',
      ],
      { env: cargoEnv },
    ),
  );
  const compiled = join(targetDir, 'wasm32-unknown-unknown', 'wasm', 'tabcast_client_wasm.wasm');
  await step(
    'wasm-bindgen',
    { inputs: [compiled, ...scripts, join(root, 'Cargo.lock')], outputs: [glue, rawWasm] },
    async () => {
      await run(join(bindgenDir, 'wasm-bindgen'), [
        compiled,
        '--target=web',
        `--out-dir=${glueDir}`,
        '--out-name=tabcast',
        // The worker names the file itself; a second `new URL` in the bundle would send bundlers after a
        // file that the package does not have.
        '--omit-default-module-path',
      ]);
      await shortenNames(glue, rawWasm, features);
    },
  );
}

/** Shrinks the generated module into the package. */
export async function optimiseWasm() {
  await step(
    'wasm-opt',
    { inputs: [rawWasm, ...scripts, join(root, 'package-lock.json')], outputs: [wasm] },
    () => {
      mkdirSync(distDir, { recursive: true });
      return run(npmBin('wasm-opt'), [
        rawWasm,
        '-Oz',
        // A function in the place of its one call saves bytes that compress to nothing, and makes a
        // body of which less repeats: 2.6 kB of the download.
        '--one-caller-inline-max-function-size=20',
        '--converge',
        ...features,
        '--strip-debug',
        '--strip-producers',
        '-o',
        wasm,
      ]);
    },
  );
}
