import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectedEngines } from '../../scripts/setup/browsers.mjs';
import { Browser } from './harness/browser.mjs';
import { CorpusServer, corpus } from './harness/corpus.mjs';
import { departures, inChunks } from './harness/departures.mjs';

/** The milliseconds of a wait, but for those that went by until it was told. */
function assertWait(actual, expected) {
  assert.ok(Math.abs(actual - expected) <= 20, `a wait of ${actual} ms and not of ${expected}`);
}

/**
 * What the standard's cases come to in a tab. After each case the stream ends, and its next
 * connection gives one event more: what came before that is all there was, and the request for it
 * says which id is resumed after.
 */
for (const engine of selectedEngines()) {
  test(engine, async (t) => {
    const server = await CorpusServer.start();
    t.after(() => server.stop());
    const browser = await Browser.start(engine);
    t.after(() => browser.stop());
    const tab = await browser.open(server.url);

    for (const transport of ['eventsource', 'fetch']) {
      await t.test(`${engine}, ${transport}: the corpus`, { timeout: 60_000 }, async (t) => {
        const all = corpus();
        const seen = await tab.run(
          (page, cases, transport) => page.runAll(cases, transport),
          all.map(({ key, types, resumeAfter }) => ({ key, types, resumeAfter })),
          transport,
        );
        const known = departures(engine, transport);
        const departed = {};
        for (const { key, events, lastEventId, retry } of all) {
          const resumedAfter = server.resumedAfter(`${transport}/${key}`);
          const actual = { events: seen[key].events, lastEventId: resumedAfter };
          try {
            assert.deepEqual(actual, { events, lastEventId });
            // An `EventSource` keeps `retry:` to itself.
            if (transport === 'fetch') assertWait(seen[key].wait, retry ?? 0);
          } catch (error) {
            departed[key] = actual;
            if (!(key in known)) t.diagnostic(`${key}: ${error.message}`);
          }
        }
        for (const key of inChunks) if (!(key in departed)) delete known[key];
        assert.deepEqual(departed, known);
      });
    }
  });
}
