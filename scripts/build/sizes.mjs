import { readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { table } from '../lib/table.mjs';
import { pageBundle, workerBundle } from './bundles.mjs';
import { wasm } from './wasm.mjs';

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** What a browser downloads, file by file. */
export function sizes() {
  const rows = [
    ['page side', pageBundle],
    ['worker script', workerBundle],
    ['WebAssembly', wasm],
  ].map(([name, file]) => {
    const bytes = readFileSync(file);
    return [
      name,
      ...[bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)].map((b) =>
        kilobytes(b.length),
      ),
    ];
  });
  return table(['', 'raw', 'gzip', 'brotli'], rows);
}
