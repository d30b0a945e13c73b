import { downloads, kilobytes } from '../build/sizes.mjs';
import { main, Sentence } from '../lib/log.mjs';

/**
 * What each download may weigh, in bytes of brotli. A budget is lowered when a file becomes
 * smaller. The goal for the page side is 6 kB, for the WebAssembly 40 kB.
 */
const budgets = {
  'connect alone': 7_050,
  'SharedEventSource alone': 6_800,
  '+ react': 1_600,
  '+ vue': 1_600,
  '+ svelte': 1_600,
  '+ diagnostics': 2_200,
  inspector: 12_000,
  'worker script': 3_600,
  WebAssembly: 60_000,
  'worker with both': 82_400,
};

await main(async () => {
  const over = downloads()
    .filter(({ name, brotli }) => brotli > budgets[name])
    .map(({ name, brotli }) => `${name}: ${kilobytes(brotli)} of ${kilobytes(budgets[name])}`);
  if (over.length > 0) throw new Sentence(`Over their budgets (brotli): ${over.join(', ')}.`);
});
