import { join } from 'node:path';
import { startDisplay } from '../../tests/browser/harness/display.mjs';
import { browsers, selectedEngines } from '../setup/browsers.mjs';
import { buildTools } from '../setup/index.mjs';
import { wasmPack } from '../setup/wasm-pack.mjs';
import { libtest } from './libtest.mjs';

/** The tests of `client-wasm/` in each engine, in a SharedWorker as in production. */
export async function wasm() {
  const engines = selectedEngines();
  const [tools, packDir, drivers] = await Promise.all([
    buildTools(),
    wasmPack(),
    browsers(engines),
  ]);
  // In its no-install mode wasm-pack takes the test runner from the path.
  const env = { ...tools.cargoEnv, PATH: `${tools.bindgenDir}:${process.env.PATH}` };
  const flags = {
    chromium: ['--chrome', '--chromedriver', drivers.chromium],
    firefox: ['--firefox', '--geckodriver', drivers.firefox],
    webkit: ['--safari', '--safaridriver', drivers.webkit],
  };

  const sum = { passed: 0, failed: 0 };
  for (const engine of engines) {
    const { passed, failed } = await inEngine(engine, flags[engine], packDir, env);
    sum.passed += passed;
    // An engine in which nothing ran is a failure, whatever the others did.
    sum.failed += passed + failed === 0 ? 1 : failed;
  }
  return sum;
}

async function inEngine(engine, flags, packDir, env) {
  const display = engine === 'webkit' ? await startDisplay() : undefined;
  try {
    return await libtest(
      join(packDir, 'wasm-pack'),
      ['test', '--mode', 'no-install', '--headless', ...flags, 'client-wasm'],
      { env: { ...env, ...display?.env }, seconds: 600 },
    );
  } finally {
    await display?.stop();
  }
}
