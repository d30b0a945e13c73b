import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { say } from '../lib/log.mjs';
import { root } from '../lib/paths.mjs';
import { table } from '../lib/table.mjs';
import { nodeTest } from './node-test.mjs';

/**
 * Runs each file in each engine by itself, one more at once than there are cores: most of their
 * time they wait for timers. Says how long each took.
 *
 * @param {string} name of the suite
 * @param {string[]} files
 * @param {string[]} engines
 * @param {number} seconds that one file may take in one engine
 */
export async function inEngines(name, files, engines, seconds) {
  const runs = files.flatMap((file) => engines.map((engine) => ({ file, engine })));
  const waiting = [...runs];
  const results = [];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      results.push({ ...next, ...(await inEngine(name, next, seconds)) });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
  console.log(`\n${times(files, engines, results)}\n`);
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const failures = results.flatMap(({ engine, failures }) =>
    failures.map(({ name, why }) => ({ name: `${engine}: ${name}`, why })),
  );
  return { passed: sum('passed'), failed: sum('failed'), failures };
}

async function inEngine(suite, { file, engine }, seconds) {
  const path = relative(root, file);
  const start = performance.now();
  const { passed, failed, failures, output } = await nodeTest(
    `${suite} ${path} ${engine}`,
    [file],
    {
      env: { ENGINES: engine },
      seconds,
      show: false,
    },
  );
  const took = (performance.now() - start) / 1000;
  // As a whole: what runs beside it would be between its lines.
  console.log(output);
  say('test', `${path} in ${engine}: ${took.toFixed(1)} s`);
  return { passed, failed, failures, took };
}

function times(files, engines, results) {
  const rows = files.map((file) => [
    relative(root, file),
    ...engines.map((engine) =>
      results.find((result) => result.file === file && result.engine === engine).took.toFixed(1),
    ),
  ]);
  return table(['seconds', ...engines], rows);
}
