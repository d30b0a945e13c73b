import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { say } from '../../../scripts/lib/log.mjs';
import { generatedDir, npmBin, root, targetDir } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { table } from '../../../scripts/lib/table.mjs';
import { browsers } from '../../../scripts/setup/browsers.mjs';
import { buildTools } from '../../../scripts/setup/index.mjs';
import { startEngine } from '../../browser/harness/engines.mjs';
import { median, spread } from '../statistics.mjs';

const shapes = {
  '100 B in 64 kB chunks': { count: 200_000, dataSize: 100, fields: false, chunkSize: 65_536 },
  '100 B with id and type, 64 kB': {
    count: 100_000,
    dataSize: 100,
    fields: true,
    chunkSize: 65_536,
  },
  '100 B in 10 B chunks': { count: 10_000, dataSize: 100, fields: false, chunkSize: 10 },
  '10 kB in 64 kB chunks': { count: 5_000, dataSize: 10_000, fields: false, chunkSize: 65_536 },
};
const rounds = 15;

/** The parser of the fetch transport against `eventsource-parser`, in Chromium. */
export async function parser() {
  const files = await build();
  await browsers(['chromium']);
  const server = createServer((request, response) => serve(files, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const { driver, stop } = await startEngine('chromium');
  try {
    await driver.get(`http://127.0.0.1:${port}/`);
    const results = {};
    for (const [name, shape] of Object.entries(shapes)) {
      say('bench', name);
      results[name] = await measure(driver, shape);
    }
    writeFileSync(join(generatedDir, 'bench-parser.json'), JSON.stringify(results, null, 2));
    console.log(
      `\nFrom a body's chunks to the type, ID and data of each event in JavaScript; Chromium, median of ${rounds} rounds in turn (spread)\n`,
    );
    console.log(report(results));
  } finally {
    await stop();
    server.close();
  }
}

async function measure(driver, shape) {
  const result = await driver.executeAsyncScript(
    `const done = arguments[2];
     measure(arguments[0], arguments[1]).then((value) => done({ value }), (error) => done({ error: String(error) }));`,
    shape,
    rounds,
  );
  if (result.error) throw new Error(result.error);
  return { ...result.value, count: shape.count };
}

function report(results) {
  const rows = Object.entries(results).map(([name, { bytes, count, times }]) => {
    const rate = (ms) =>
      `${(count / median(ms) / 1_000).toFixed(2)} M/s, ${(bytes / median(ms) / 1_000).toFixed(0)} MB/s (±${spread(ms).toFixed(0)} %)`;
    const ratio = (name) => `${(median(times.npm) / median(times[name])).toFixed(1)}x`;
    const columns = ['batches', 'places', 'text'].flatMap((each) => [
      rate(times[each]),
      ratio(each),
    ]);
    return [name, rate(times.npm), ...columns];
  });
  const header = ['eventsource-parser', 'tabcast', 'ratio', 'without text', 'ratio'];
  return table(['events', ...header, 'TextDecoder alone', 'ratio'], rows);
}

async function build() {
  const { cargoEnv, bindgenDir } = await buildTools();
  const crate = 'tabcast-bench-decoder';
  const target = ['--target', 'wasm32-unknown-unknown'];
  say('bench', 'building …');
  await run('cargo', ['build', '-p', crate, '--profile', 'wasm', ...target], { env: cargoEnv });
  const out = join(generatedDir, 'bench-decoder');
  await run(join(bindgenDir, 'wasm-bindgen'), [
    join(targetDir, 'wasm32-unknown-unknown', 'wasm', 'tabcast_bench_decoder.wasm'),
    ...['--target=web', `--out-dir=${out}`, '--out-name=decoder'],
  ]);
  const page = join(generatedDir, 'bench-page.js');
  await run(npmBin('esbuild'), [
    join(root, 'tests/bench/parser/page.js'),
    ...['--bundle', '--format=esm', '--external:/decoder/*', `--outfile=${page}`],
  ]);
  // With the script that the module brings along.
  const decoder = join(generatedDir, 'bench-decoder.js');
  await run(npmBin('esbuild'), [
    join(out, 'decoder.js'),
    ...['--bundle', '--format=esm', `--outfile=${decoder}`],
  ]);
  return {
    '/page.js': page,
    '/decoder/decoder.js': decoder,
    '/decoder/decoder_bg.wasm': join(out, 'decoder_bg.wasm'),
  };
}

function serve(files, request, response) {
  const file = files[request.url];
  const type = { js: 'text/javascript', wasm: 'application/wasm' }[
    basename(file ?? '')
      .split('.')
      .at(-1)
  ];
  response.setHeader('content-type', type ?? 'text/html');
  response.end(
    file ? readFileSync(file) : '<!doctype html><script type="module" src="/page.js"></script>',
  );
}
