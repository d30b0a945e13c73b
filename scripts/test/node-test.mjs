import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDir } from '../lib/paths.mjs';
import { tryRun } from '../lib/run.mjs';
import { runOutcome } from './run-outcome.mjs';

const reporter = new URL('./count-reporter.mjs', import.meta.url).href;

/**
 * Runs files under node's test runner, counts their tests, and says which failed and why.
 *
 * @param {string} name of the suite
 * @param {string[]} files
 * @param {{flags?: string[], env?: Record<string, string>, seconds?: number, show?: boolean}} [options]
 */
export async function nodeTest(
  name,
  files,
  { flags = [], env = {}, seconds = 300, show = true } = {},
) {
  const counts = join(generatedDir, 'test-counts', `${name.replaceAll(/\W+/g, '-')}.jsonl`);
  mkdirSync(join(generatedDir, 'test-counts'), { recursive: true });
  rmSync(counts, { force: true });
  if (files.length === 0) return { passed: 0, failed: 0, failures: [], output: '' };
  const { code, output } = await tryRun(
    process.execPath,
    [
      ...flags,
      '--test',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${reporter}`,
      `--test-reporter-destination=${counts}`,
      ...files,
    ],
    { env, seconds, show },
  );
  const tests = readFileSync(counts, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const failures = tests.filter(({ passed }) => !passed);
  const passed = tests.filter(({ passed, skipped }) => passed && !skipped).length;
  const outcome = runOutcome(name, { passed, failed: failures.length, failures }, { code, output });
  return { ...outcome, output };
}
