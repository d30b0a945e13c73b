import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { distDir } from '../lib/paths.mjs';
import { table } from '../lib/table.mjs';
import { adapterBundles, inlineWorkerBundle, lazy, workerBundle } from './bundles.mjs';
import { wasm } from './wasm.mjs';

export const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** What a bundler leaves of the package for a page that imports this of it alone. */
function importing(name) {
  // Not before: on a fresh clone the build installs it.
  const { buildSync } = createRequire(import.meta.url)('esbuild');
  const [file] = buildSync({
    stdin: {
      contents: `import { ${name} } from './index.js'; globalThis.imported = ${name};`,
      resolveDir: distDir,
    },
    bundle: true,
    minify: true,
    format: 'esm',
    external: lazy.map((name) => `./${name}.js`),
    write: false,
  }).outputFiles;
  return file.contents;
}

/** The files by what they are to those who download them. */
const files = {
  ...Object.fromEntries(adapterBundles.map((file) => [`+ ${basename(file, '.js')}`, file])),
  '+ diagnostics': join(distDir, 'diagnostics.js'),
  inspector: join(distDir, 'inspector.js'),
  'worker script': workerBundle,
  WebAssembly: wasm,
  'worker with both': inlineWorkerBundle,
};

/** What a browser downloads, file by file, in bytes. */
export const downloads = () =>
  [
    ['connect alone', importing('connect')],
    ['SharedEventSource alone', importing('SharedEventSource')],
    ...Object.entries(files).map(([name, file]) => [name, readFileSync(file)]),
  ].map(([name, bytes]) => {
    return {
      name,
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    };
  });

export function sizes() {
  const rows = downloads().map(({ name, ...encoded }) => [
    name,
    ...Object.values(encoded).map(kilobytes),
  ]);
  return table(['', 'raw', 'gzip', 'brotli'], rows);
}
