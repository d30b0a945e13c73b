import { main, Sentence, say } from './lib/log.mjs';
import { tryRun } from './lib/run.mjs';
import { table } from './lib/table.mjs';
import { rust } from './setup/rust.mjs';

const USAGE =
  'Write `npm run soak -- [schedules] [first seed]`, for example `npm run soak -- 1000000`.';

/** Runs the simulation in `core/tests/sim/` over as many schedules as asked, and shows its figures. */
await main(async () => {
  const [schedules = '100000', first = '0', ...more] = process.argv.slice(2);
  if (more.length > 0 || ![schedules, first].every((text) => /^\d+$/.test(text))) {
    throw new Sentence(USAGE);
  }
  await rust();
  say('soak', `${schedules} schedules from seed ${first} on …`);
  const { code, stdout, output } = await tryRun(
    'cargo',
    [
      'test',
      '--release',
      '--quiet',
      '--package=tabcast-core',
      '--test=sim',
      '--',
      '--ignored',
      '--nocapture',
      'soak',
    ],
    { env: { SIM_SCHEDULES: schedules, SIM_FIRST: first }, seconds: 86_400 },
  );
  const figures = [...stdout.matchAll(/^figure: (.+): (\S+)$/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  if (figures.length === 0) throw new Sentence('The simulation did not run.', { output });
  console.log(table(['simulation', ''], figures));
  if (code === 0) return 0;
  // The seeds, the least steps that fail, and the command that runs them again.
  console.error(output.replaceAll(/^figure: .*\n/gm, ''));
  return 1;
});
