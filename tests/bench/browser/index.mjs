import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../../../scripts/build/index.mjs';
import { Sentence, say } from '../../../scripts/lib/log.mjs';
import { distDir, generatedDir, npmBin, root } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { browsers, selectedEngines } from '../../../scripts/setup/browsers.mjs';
import { startEngine } from '../../browser/harness/engines.mjs';
import { writeDocs } from './docs.mjs';
import { grow } from './growth.mjs';
import { COUNT, growth, plans, TABS_FOR_PROFILE } from './plan.mjs';
import { profile } from './profile.mjs';
import { report } from './report.mjs';
import { Session } from './session.mjs';

/** Streams to an origin: one less than the connections that a browser opens to one. */
const STREAMS = 5;

const jsonOf = (plan) =>
  join(generatedDir, `bench-browser${plan === plans.quick ? '-quick' : ''}.json`);

/**
 * Tabcast beside native `EventSource` and its peers, in real tabs. `--quick` is a short run,
 * `--profile` says what a page is busy with instead, `--write` puts the figures and charts into
 * docs/performance.md. With `ENGINES=firefox` that engine's figures take the place of its earlier
 * ones.
 */
export async function browser(flags) {
  const plan = flags.includes('--quick') ? plans.quick : plans.full;
  const engines = plan.engines.filter((name) => selectedEngines().includes(name));
  const files = await build();
  if (flags.includes('--profile')) {
    await browsers(['chromium']);
    const { shares } = await inTabs('chromium', files, TABS_FOR_PROFILE, profile);
    console.log(`\n${shares}`);
    return;
  }
  const json = jsonOf(plan);
  const isPart = engines.length < plan.engines.length;
  const before = isPart && existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {};
  const results = { ...before, date: new Date().toISOString().slice(0, 10) };
  results.engines ??= {};
  for (const engine of engines) {
    try {
      await browsers([engine]);
    } catch (error) {
      if (!(error instanceof Sentence)) throw error;
      say('bench', `${engine} could not be installed: ${error.message}`);
      continue;
    }
    const tabs = Math.max(...plan.tabs);
    results.engines[engine] = await inTabs(engine, files, tabs, (session) =>
      figures(engine, session, plan),
    );
    if (engine === plan.growsIn) {
      say('bench', `${engine}: how cost grows`);
      results.growth = await inTabs(engine, files, Math.max(...growth.tabs), grow);
    }
  }
  writeFileSync(json, JSON.stringify(results, null, 2));
  console.log(report(results));
  if (flags.includes('--write')) writeDocs(results);
}

/** Gives what `measure` does, in a browser of its own, with origins for so many tabs. */
async function inTabs(engine, files, tabs, measure) {
  const origins = Math.ceil(tabs / STREAMS);
  const load = fork(new URL('load.mjs', import.meta.url), [JSON.stringify([files, origins])]);
  const [[pages, ...streams]] = await once(load, 'message');
  let browser;
  try {
    browser = await startEngine(engine);
    const { driver } = browser;
    await driver.manage().setTimeouts({ script: 120_000 });
    const version = String((await driver.getCapabilities()).get('browserVersion'));
    const session = new Session(driver, pages, streams, load.pid);
    return { version, ...(await measure(session)) };
  } finally {
    await browser?.stop();
    load.kill();
  }
}

async function figures(engine, session, plan) {
  const throughput = [];
  const latency = [];
  const join = [];
  say('bench', `${engine}: from nothing to an open stream`);
  const start = await session.starts(plan.starts);
  for (const tabs of plan.tabs) {
    await session.haveTabs(tabs);
    say('bench', `${engine}: a tab that joins ${tabs}`);
    join.push({ tabs, times: await session.joins(plan.joins) });
    for (const shape of plan.shapes) {
      const { size, write } = shape;
      say('bench', `${engine}: ${tabs} tabs, events of ${size} B, written by ${write} B`);
      throughput.push(await session.throughput({ count: COUNT, ...shape, rounds: plan.rounds }));
    }
    if (tabs <= STREAMS) {
      say('bench', `${engine}: ${tabs} tabs, latency`);
      latency.push(await session.latency(plan.latencyRounds));
    }
  }
  say('bench', `${engine}: memory of tabs that join`);
  const memory = await session.memory(STREAMS);
  return { throughput, latency, start, join, memory };
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
