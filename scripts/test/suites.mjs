import { join } from 'node:path';
import { build } from '../build/index.mjs';
import { check } from '../check/index.mjs';
import { Missing, notice } from '../lib/log.mjs';
import { root } from '../lib/paths.mjs';
import { filesUnder } from '../lib/step.mjs';
import { browsers, selectedEngines } from '../setup/browsers.mjs';
import { daemons } from '../setup/daemons.mjs';
import { nodeModules } from '../setup/node-modules.mjs';
import { proxies } from '../setup/proxies.mjs';
import { pythonTool } from '../setup/python-tool.mjs';
import { rust } from '../setup/rust.mjs';
import { setUps } from '../setup/set-ups.mjs';
import { inEngines } from './in-engines.mjs';
import { libtest } from './libtest.mjs';
import { nodeTest } from './node-test.mjs';
import { wasm } from './wasm-suite.mjs';

/**
 * Every suite by its name: it installs and builds what it needs, runs, and gives its counts.
 * What fails fastest comes first.
 */
export const suites = { check, native, page, wasm, docs, browser, packaging, chaos };

async function native() {
  await rust();
  const command = ['test', '--workspace', '--exclude', 'tabcast-client-wasm', '--quiet'];
  return libtest('native', 'cargo', command, { env: await whatTheServerIsTestedWith() });
}

/** Without it, all but a few of the server's tests can run; they say so. */
async function whatTheServerIsTestedWith() {
  try {
    await daemons();
    return { TABCAST_SCHEMATHESIS: await pythonTool('schemathesis', '4.32.5') };
  } catch (error) {
    if (!(error instanceof Missing) || process.env.CI === 'true') throw error;
    notice(error.message);
    return {};
  }
}

async function page() {
  await nodeModules();
  return nodeTest('page', tests('.test.ts', 'page', 'tests/page'), { flags: ['--import=tsx'] });
}

async function docs() {
  await Promise.all([build(), browsers(['chromium']), proxies()]);
  return nodeTest('docs', tests('.test.mjs', 'tests/docs'));
}

async function browser() {
  const engines = selectedEngines();
  await Promise.all([build(), browsers(engines)]);
  return inEngines('browser', tests('.test.mjs', 'tests/browser'), engines, 400);
}

async function packaging() {
  await Promise.all([build(), browsers(['chromium'])]);
  await setUps();
  return nodeTest('packaging', tests('.test.mjs', 'tests/packaging'), {
    flags: ['--test-concurrency=2'],
    seconds: 600,
  });
}

async function chaos() {
  const engines = selectedEngines();
  await Promise.all([build(), browsers(engines)]);
  return inEngines('chaos', tests('.test.mjs', 'tests/chaos'), engines, 400);
}

const tests = (ending, ...folders) =>
  filesUnder(...folders.map((folder) => join(root, folder))).filter((file) =>
    file.endsWith(ending),
  );
