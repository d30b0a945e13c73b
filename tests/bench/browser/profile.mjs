import { table } from '../../../scripts/lib/table.mjs';
import { contestantsOf, TABS_FOR_PROFILE, WARM_UP } from './plan.mjs';

/** Enough that the warming up is little of it. */
const COUNT = 200_000;
/** Microseconds between two samples. */
const INTERVAL = 100;

const PARTS = ["the browser's own code", 'garbage collection', 'scripts', 'the listener'];

/**
 * Where the time of a page in the background goes, by Chromium's own sampling, in microseconds of
 * wall time for each event: a process that waits for its turn on a core counts as busy. What a page
 * pays to clone a message is in `scripts`, where it is first looked at.
 */
export async function profile(session) {
  const { driver } = session;
  await session.haveTabs(TABS_FOR_PROFILE);
  const rows = [];
  for (const name of contestantsOf(TABS_FOR_PROFILE)) {
    await session.inLast(async () => {
      await driver.sendDevToolsCommand('Profiler.enable', {});
      await driver.sendDevToolsCommand('Profiler.setSamplingInterval', { interval: INTERVAL });
      await driver.sendDevToolsCommand('Profiler.start', {});
    });
    await session.throughput({ count: COUNT, size: 100, write: 1, rounds: 1, names: [name] });
    const { profile } = await session.inLast(() =>
      driver.sendAndGetDevToolsCommand('Profiler.stop', {}),
    );
    const times = timesOf(profile);
    rows.push([name, ...PARTS.map((part) => (times[part] / (COUNT + WARM_UP)).toFixed(2))]);
  }
  return { shares: table(['', ...PARTS], rows) };
}

/** Microseconds by what they were for. */
function timesOf({ nodes, samples, timeDeltas }) {
  const parts = new Map(nodes.map(({ id, callFrame }) => [id, partOf(callFrame)]));
  const times = Object.fromEntries(PARTS.map((part) => [part, 0]));
  samples.forEach((id, index) => {
    const part = parts.get(id);
    if (part) times[part] += timeDeltas[index];
  });
  return times;
}

function partOf({ functionName, url }) {
  if (functionName === '(idle)') return undefined;
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === 'take') return 'the listener';
  return url ? 'scripts' : "the browser's own code";
}
