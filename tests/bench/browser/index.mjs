import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../../../scripts/build/index.mjs';
import { Sentence, say } from '../../../scripts/lib/log.mjs';
import { distDir, generatedDir, npmBin, root } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { browsers } from '../../../scripts/setup/browsers.mjs';
import { startEngine } from '../../browser/harness/engines.mjs';
import { writeDocs } from './docs.mjs';
import { plans } from './plan.mjs';
import { report } from './report.mjs';
import { Session } from './session.mjs';

/** Streams to an origin: one less than the connections that a browser opens to one. */
const STREAMS = 5;

/**
 * Tabcast beside native `EventSource` and its peers, in real tabs. `--quick` is a short run,
 * `--write` puts the figures and charts into docs/performance.md.
 */
export async function browser(flags) {
  const plan = flags.includes('--quick') ? plans.quick : plans.full;
  const files = await build();
  const results = { date: new Date().toISOString().slice(0, 10), engines: {} };
  for (const engine of plan.engines) {
    try {
      await browsers([engine]);
    } catch (error) {
      if (!(error instanceof Sentence)) throw error;
      say('bench', `${engine} could not be installed: ${error.message}`);
      continue;
    }
    results.engines[engine] = await measure(engine, plan, files);
  }
  writeFileSync(join(generatedDir, 'bench-browser.json'), JSON.stringify(results, null, 2));
  console.log(report(results));
  if (flags.includes('--write')) writeDocs(results);
}

async function measure(engine, plan, files) {
  const origins = Math.ceil(Math.max(...Object.keys(plan.counts).map(Number)) / STREAMS);
  const load = fork(new URL('load.mjs', import.meta.url), [JSON.stringify([files, origins])]);
  const [[pages, ...streams]] = await once(load, 'message');
  let browser;
  try {
    browser = await startEngine(engine);
    const { driver } = browser;
    await driver.manage().setTimeouts({ script: 120_000 });
    const version = String((await driver.getCapabilities()).get('browserVersion'));
    const session = new Session(driver, pages, streams, load.pid);
    return { version, ...(await figures(engine, session, plan)) };
  } finally {
    await browser?.stop();
    load.kill();
  }
}

async function figures(engine, session, plan) {
  const throughput = [];
  const latency = [];
  for (const [tabs, count] of Object.entries(plan.counts).map((pair) => pair.map(Number))) {
    await session.haveTabs(tabs);
    for (const shape of plan.shapes) {
      const { size, write } = shape;
      say('bench', `${engine}: ${tabs} tabs, ${count} events of ${size} B, written by ${write} B`);
      throughput.push(await session.throughput(count, shape, plan.rounds));
    }
    if (tabs <= STREAMS) {
      say('bench', `${engine}: ${tabs} tabs, latency`);
      latency.push(await session.latency(plan.latencyRounds));
    }
  }
  say('bench', `${engine}: tabs that join`);
  const join = await session.joins(plan.joins);
  const memory = await session.memory(STREAMS);
  return { throughput, latency, join, memory };
}

async function build() {
  await buildPackage();
  const page = join(generatedDir, 'bench-browser-page.js');
  mkdirSync(generatedDir, { recursive: true });
  await run(npmBin('esbuild'), [
    join(root, 'tests/bench/browser/page.js'),
    ...['--bundle', '--format=esm', '--target=es2022', '--external:/tabcast/*'],
    `--outfile=${page}`,
  ]);
  const dist = readdirSync(distDir).filter((name) => /\.(js|wasm)$/.test(name));
  return Object.fromEntries([
    ['/page.js', page],
    ...dist.map((name) => [`/tabcast/${name}`, join(distDir, name)]),
  ]);
}
