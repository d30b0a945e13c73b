import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from '../browser/harness/browser.mjs';
import { HANDOVER, hosts } from './promises.mjs';
import { broken, report } from './report.mjs';
import { chaos } from './run.mjs';

/** How long things go wrong in each host of each engine; `npm run chaos` takes longer. */
const SECONDS = 8;
const SEED = 1;

for (const engine of selectedEngines()) {
  test(engine, async (t) => {
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    for (const host of hosts) {
      await t.test(
        `${engine}, ${host}: nothing is lost in chaos`,
        { timeout: 90_000 },
        async (t) => {
          const run = {
            engine,
            host,
            ...(await chaos({ browser, engine, host, seconds: SECONDS, seed: SEED })),
          };
          t.diagnostic(`seed ${SEED}\n${report([run])}`);
          assert.deepEqual(broken(run), []);
          assert.ok(
            run.longestAbove <= HANDOVER,
            `one connection too many: ${run.longestAbove} ms`,
          );
        },
      );
    }
  });
}
