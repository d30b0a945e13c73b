import { tryRun } from '../lib/run.mjs';
import { lastLines, runOutcome } from './run-outcome.mjs';

/**
 * Runs a command that runs Rust's test harness, once or for many crates, and counts from the
 * harness's result lines. Where it fails, the failure is the end of what it said: it stops at the
 * first crate, or file of tests, with one that failed.
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
  const failures = failed > 0 ? [{ name, why: lastLines(output) }] : [];
  return runOutcome(name, { passed, failed, failures }, { code, output });
}
