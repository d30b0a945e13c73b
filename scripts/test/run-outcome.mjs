/**
 * What came of a run: how many tests passed and failed, and which failed and why. A run that failed
 * with no failed test (it was stopped, it did not compile, no browser started), or in which nothing
 * ran, is one failure, and the end of what it said is why.
 */
export function runOutcome(name, { passed, failed, failures }, { code, output }) {
  if (failed > 0 || (code === 0 && passed > 0)) return { passed, failed, failures };
  return { passed, failed: 1, failures: [{ name, why: lastLines(output) }] };
}

export const lastLines = (output) => output.trimEnd().split('\n').slice(-80).join('\n');
