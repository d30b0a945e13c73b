import { tryRun } from '../lib/run.mjs';

/**
 * Runs a command that runs Rust's test harness, once or for many crates, and counts from the
 * harness's result lines.
 */
export async function libtest(command, args, options = {}) {
  const { code, output } = await tryRun(command, args, { show: true, ...options });
  let passed = 0;
  let failed = 0;
  for (const [, ok, bad] of output.matchAll(
    /^\s*test result: \w+\. (\d+) passed; (\d+) failed;/gm,
  )) {
    passed += Number(ok);
    failed += Number(bad);
  }
  // A command that failed with no failed test (it did not compile, the browser did not start) is one failure.
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}
