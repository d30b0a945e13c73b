/**
 * What came of a run: how many tests passed and failed, and which failed and why. A run that failed
 * with no failed test (it was stopped, it did not compile, no browser started), or in which nothing
 * ran, is one failure. Where it is not known which failed, the end of what it said is why.
 */
export function runOutcome(name, { passed, failed, failures = [] }, { code, output }) {
  if (failed === 0 && code === 0 && passed > 0) return { passed, failed, failures };
  const whole = { name, why: output.trimEnd().split('\n').slice(-80).join('\n') };
  return {
    passed,
    failed: Math.max(failed, 1),
    failures: failures.length > 0 ? failures : [whole],
  };
}
