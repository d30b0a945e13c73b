import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { table } from '../lib/table.mjs';
import { pageBundle, workerBundle } from './bundles.mjs';
import { wasm } from './wasm.mjs';

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** What a browser downloads, file by file. */
export function sizes() {
  const files = { 'page side': pageBundle, 'worker script': workerBundle, WebAssembly: wasm };
  const rows = Object.entries(files).map(([name, file]) => {
    const bytes = readFileSync(file);
    const encoded = [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
    return [name, ...encoded.map(({ length }) => kilobytes(length))];
  });
  return table(['', 'raw', 'gzip', 'brotli'], rows);
}
