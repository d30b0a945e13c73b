import { tryRun } from '../lib/run.mjs';
import { runOutcome } from './run-outcome.mjs';

/**
 * Runs a command that runs Rust's test harness, once or for many crates, and counts from the
 * harness's result lines. It stops at the first crate, or file of tests, with one that failed: the
 * end of what it said is why.
 */
export async function libtest(name, command, args, options = {}) {
  const { code, output } = await tryRun(command, args, { show: true, ...options });
  let passed = 0;
  let failed = 0;
  for (const [, ok, bad] of output.matchAll(
    /^\s*test result: \w+\. (\d+) passed; (\d+) failed;/gm,
  )) {
    passed += Number(ok);
    failed += Number(bad);
  }
  return runOutcome(name, { passed, failed }, { code, output });
}
