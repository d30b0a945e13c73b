import assert from 'node:assert/strict';
import { sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

/** The waits that a tab was told of, in milliseconds, to the nearest ten. */
const waits = async (tab) =>
  (await tab.run((tab) => tab.statuses()))
    .filter(({ state }) => state === 'waiting')
    .map(({ retryAt, at }) => Math.round((retryAt - at) / 10) * 10);

/** From each attempt's failure to the next attempt, as the server saw it. */
function gapsOf({ tap, transport }) {
  const times = tap.to('/events').map(({ at }) => at);
  // An `EventSource` does not tell the status: a short request after each asks for it.
  const perAttempt = transport === 'eventsource' ? 2 : 1;
  const gaps = [];
  for (let next = perAttempt; next < times.length; next += perAttempt) {
    gaps.push(times[next] - times[next - 1]);
  }
  return gaps;
}

rows((row) => {
  row('waits grow to the cap', async (row) => {
    await row.faults({ status: 503 });
    const tab = await row.open({ backoff: { base: 50, cap: 200, jitter: 0 } });
    await tab.until((tab) => tab.status()?.attempt >= 5);
    const expected = [50, 100, 200, 200];
    // A page that is told late reads less of a wait.
    const step = (wait) => [50, 100, 200].find((step) => wait <= step);
    assert.deepEqual((await waits(tab)).slice(0, 4).map(step), expected);
    const gaps = gapsOf(row);
    for (const [index, wait] of expected.entries()) {
      assert.ok(gaps[index] >= wait - 5, `no attempt early: ${gaps}`);
    }
    await row.faults({});
    await tab.untilState('open');
  });

  row('the count starts anew only after a healthy time', async (row) => {
    await row.faults({ status: 503 });
    const tab = await row.open({ backoff: { base: 10, cap: 20, resetAfter: 3_000 } });
    await tab.until((tab) => tab.status()?.attempt >= 2);
    await row.faults({});
    await tab.untilState('open');
    const { attempt } = await tab.run((tab) => tab.status());
    await row.cut();
    await tab.until(`(tab) => tab.status().attempt === ${attempt + 1}`);
    await tab.untilState('open');

    await sendDuring(row.chat, 'healthy', () =>
      tab.until((tab) => Date.now() - tab.statuses().at(-1).at > 3_100),
    );
    await row.cut();
    await tab.until((tab) => tab.status().attempt === 1);
  });

  row('the limit of attempts closes, and reconnect() begins anew', async (row) => {
    await row.faults({ status: 500 });
    const tab = await row.open({ backoff: { base: 10, maxAttempts: 2 } });
    await tab.untilState('closed');
    const { reason, retryAt } = await tab.run((tab) => tab.status());
    assert.deepEqual({ reason, retryAt }, { reason: 'exhausted', retryAt: null });
    assert.equal(gapsOf(row).length, 2, 'attempts after the first');
    await row.faults({});
    await tab.run((tab) => tab.stream().reconnect());
    await tab.untilState('open');
    await row.server.untilConnections(1);
  });

  row('Retry-After is a floor', async (row) => {
    await row.faults({ status: 503, retry_after: 1 });
    const tab = await row.open({ backoff: { base: 10, cap: 10 } });
    await tab.untilState('waiting');
    const [wait] = await waits(tab);
    assert.ok(wait > 500 && wait <= 1000, `a wait of ${wait} ms`);
    await row.faults({});
    await tab.untilState('open');
    assert.ok(gapsOf(row)[0] >= 995, `no attempt early: ${gapsOf(row)}`);
  });

  row(
    "the server's retry: is a floor",
    async (row) => {
      const tab = await row.openConnected({ backoff: { base: 10, cap: 10 } });
      // At its end the server says when to come back, so that not all come at once.
      await row.server.end('SIGTERM');
      await tab.untilState('waiting');
      const [wait] = await waits(tab);
      assert.ok(wait > 10, `a wait of ${wait} ms, and not the cap of 10`);
    },
    // An `EventSource` keeps `retry:` to itself.
    { transports: ['fetch'] },
  );
});
