import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { distDir } from '../lib/paths.mjs';
import { table } from '../lib/table.mjs';
import { adapterBundles, inlineWorkerBundle, pageBundle, workerBundle } from './bundles.mjs';
import { wasm } from './wasm.mjs';

export const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** The files by what they are to those who download them. */
const files = {
  'page side': pageBundle,
  ...Object.fromEntries(adapterBundles.map((file) => [`+ ${basename(file, '.js')}`, file])),
  '+ diagnostics': join(distDir, 'diagnostics.js'),
  inspector: join(distDir, 'inspector.js'),
  'worker script': workerBundle,
  WebAssembly: wasm,
  'worker with both': inlineWorkerBundle,
};

/** What a browser downloads, file by file, in bytes. */
export const downloads = () =>
  Object.entries(files).map(([name, file]) => {
    const bytes = readFileSync(file);
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
