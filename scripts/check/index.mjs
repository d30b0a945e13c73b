import { buildPackage } from '../build/index.mjs';
import { say } from '../lib/log.mjs';
import { tryRun } from '../lib/run.mjs';
import { rustComponents } from '../setup/rust-components.mjs';
import { steps } from './steps.mjs';

/** Runs every check to its end, also after one failed, and counts them. */
export async function check() {
  // worker/ is typed against the generated glue, and the package itself is looked at.
  const tools = await buildPackage();
  await rustComponents();

  const outcomes = (await Promise.all(steps(tools.cargoEnv).map(inTurn))).flat();
  const failures = outcomes
    .filter(({ code }) => code !== 0)
    .map(({ name, output }) => ({ name, why: output.trimEnd() }));
  return { passed: outcomes.length - failures.length, failed: failures.length, failures };
}

async function inTurn(list) {
  const outcomes = [];
  for (const { name, command, env } of list) {
    const [program, ...args] = command;
    const start = performance.now();
    const { code, output } = await tryRun(program, args, { env });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    say('check', `${name}: ${code === 0 ? 'passed' : 'FAILED'} (${seconds} s)`);
    outcomes.push({ name, code, output });
  }
  return outcomes;
}
