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
  const env = {
    ...tools.cargoEnv,
    PATH: `${tools.bindgenDir}:${process.env.PATH}`,
    // 2 MB in place of 22, with which an engine is busy for seconds.
    CARGO_PROFILE_DEV_DEBUG: 'false',
    CARGO_PROFILE_DEV_OPT_LEVEL: '1',
    // In seconds, for all of a file's tests; 20 would be for a machine with nothing else to do.
    WASM_BINDGEN_TEST_TIMEOUT: '120',
    // 5 until a driver listens, likewise.
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '60',
  };
  const flags = {
    chromium: ['--chrome', '--chromedriver', drivers.chromium],
    firefox: ['--firefox', '--geckodriver', drivers.firefox],
    webkit: ['--safari', '--safaridriver', drivers.webkit],
  };

  const sum = { passed: 0, failed: 0, failures: [] };
  for (const engine of engines) {
    const { passed, failed, failures } = await inEngine(engine, flags[engine], packDir, env);
    sum.passed += passed;
    sum.failed += failed;
    sum.failures.push(...failures);
  }
  return sum;
}

async function inEngine(engine, flags, packDir, env) {
  const display = engine === 'webkit' ? await startDisplay() : undefined;
  try {
    return await libtest(
      `wasm in ${engine}`,
      join(packDir, 'wasm-pack'),
      ['test', '--mode', 'no-install', '--headless', ...flags, 'client-wasm'],
      { env: { ...env, ...display?.env }, seconds: 600 },
    );
  } finally {
    await display?.stop();
  }
}
