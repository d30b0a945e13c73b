import { Missing, main, notice, Sentence, say, sayFailures } from './lib/log.mjs';
import { table } from './lib/table.mjs';
import { suites } from './test/suites.mjs';

/** `npm test` runs every suite, `npm test -- browser wasm` those. */
await main(async () => {
  const picked = process.argv.slice(2);
  const unknown = picked.find((name) => !(name in suites));
  if (unknown) {
    throw new Sentence(
      `There is no suite "${unknown}"; there are ${Object.keys(suites).join(', ')}.`,
    );
  }
  const mustRun = process.env.CI === 'true' || picked.length > 0;
  const names = Object.keys(suites).filter((name) => picked.length === 0 || picked.includes(name));

  const results = [];
  for (const name of names) results.push(await runSuite(name, mustRun));

  const rows = results.map(({ name, passed, failed, seconds }) => [name, passed, failed, seconds]);
  sayFailures(results.flatMap(({ failures }) => failures));
  console.log(`\n${table(['suite', 'passed', 'failed', 'seconds'], rows)}\n`);
  const sum = (key) => results.reduce((total, result) => total + (result[key] || 0), 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
});

async function runSuite(name, mustRun) {
  say('test', `${name} …`);
  const start = performance.now();
  const result = await outcome(name, mustRun);
  return { name, ...result, seconds: ((performance.now() - start) / 1000).toFixed(1) };
}

async function outcome(name, mustRun) {
  const failure = (why) => ({ passed: 0, failed: 1, failures: [{ name, why }] });
  try {
    const result = await suites[name]();
    return result.passed + result.failed > 0 ? result : failure('It ran no test.');
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    const why = `It did not run. ${error.message}\n${error.output}`;
    notice(`The suite "${name}": ${why}`);
    return mustRun || !(error instanceof Missing)
      ? failure(why)
      : { passed: 'not run', failed: 0, failures: [] };
  }
}
