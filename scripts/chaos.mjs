import { Browser } from '../tests/browser/harness/browser.mjs';
import { HANDOVER, hosts } from '../tests/chaos/promises.mjs';
import { broken, report } from '../tests/chaos/report.mjs';
import { chaos } from '../tests/chaos/run.mjs';
import { build } from './build/index.mjs';
import { main, Sentence, say } from './lib/log.mjs';
import { browsers, selectedEngines } from './setup/browsers.mjs';

const USAGE =
  'Write `npm run chaos -- [seconds] [--engine chromium] [--host leader] [--seed 7]`, for example `npm run chaos -- 180`.';

/** Lets things go wrong in real browsers, for so many seconds in each host of each engine. */
await main(async () => {
  const { seconds, seed, ...picked } = parse(process.argv.slice(2));
  const engines = selectedEngines().filter((name) => !picked.engine || name === picked.engine);
  if (engines.length === 0) throw new Sentence(USAGE);
  await Promise.all([build(), browsers(engines)]);
  const runs = [];
  for (const engine of engines) {
    const browser = await Browser.start(engine);
    try {
      for (const host of picked.host ? [picked.host] : hosts) {
        say('chaos', `${engine}, ${host}: ${seconds} s with seed ${seed} …`);
        const run = { engine, host, ...(await chaos({ browser, engine, host, seconds, seed })) };
        runs.push(run);
        for (const tab of broken(run)) console.error(JSON.stringify(tab));
      }
    } finally {
      await browser.stop();
    }
  }
  console.log(report(runs));
  const failed = runs.some((run) => broken(run).length > 0 || run.longestAbove > HANDOVER);
  if (failed) {
    console.error(`\n\`npm run chaos -- ${seconds} --seed ${seed}\` lets the same go wrong again.`);
  }
  return failed ? 1 : 0;
});

function parse(args) {
  /** @type {{seconds: number, seed: number, engine?: string, host?: string}} */
  const options = { seconds: 60, seed: Date.now() % 2 ** 31 };
  for (let at = 0; at < args.length; at++) {
    const value = args[at + 1];
    if (/^\d+$/.test(args[at])) options.seconds = Number(args[at]);
    else if (args[at] === '--seed' && /^\d+$/.test(value)) options.seed = Number(args[++at]);
    else if (args[at] === '--host' && hosts.includes(value)) options.host = args[++at];
    else if (args[at] === '--engine' && value) options.engine = args[++at];
    else throw new Sentence(USAGE);
  }
  return options;
}
