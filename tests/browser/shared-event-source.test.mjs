import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { eventSourceDepartures } from './harness/event-source-departures.mjs';
import { EventSourceServer } from './harness/event-source-server.mjs';

/**
 * Each table of cases, whose `EventSource` it is tried on, and how many cases run at once: HTTP/1.1
 * gives an origin six connections, and a case may need two.
 */
const runs = [
  ['idl', 'native', 2],
  ['idl', 'shared', 2],
  ['dispatch', 'native', 2],
  ['dispatch', 'shared', 2],
  ['connection', 'native', 2],
  ['connection', 'shared', 2],
  // One after the other: `window.stop()` stops the others too.
  ['sharing', 'shared', 1],
];

/**
 * The standard as cases, run with the browser's own `EventSource` and with the package's in the
 * same page. What an engine itself does not do is listed in `event-source-departures.mjs`.
 */
for (const engine of selectedEngines()) {
  test(engine, async (t) => {
    const server = await EventSourceServer.start();
    t.after(() => server.stop());
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    const tab = await browser.open(server.url);

    for (const [table, implementation, atOnce] of runs) {
      const name = `${engine}, ${implementation}: ${table}`;
      await t.test(name, { timeout: 60_000 }, async (t) => {
        const results = await tab.run(
          (page, ...args) => page.runTable(...args),
          table,
          implementation,
          atOnce,
        );
        assert.ok(Object.keys(results).length > 10, 'the cases ran');
        const failed = Object.keys(results).filter((name) => results[name]);
        const known = eventSourceDepartures[implementation][engine] ?? [];
        for (const name of failed) {
          if (!known.includes(name)) t.diagnostic(`${name}: ${results[name]}`);
        }
        assert.deepEqual(failed.sort(), known.filter((name) => name in results).sort());
      });
    }
  });
}
