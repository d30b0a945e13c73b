import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

const backoff = { base: 50, cap: 100 };

/** The reasons that a tab was told, each once, in order. */
const reasons = async (tab) => [
  ...new Set((await tab.run((tab) => tab.statuses())).map(({ reason }) => reason).filter(Boolean)),
];

rows((row) => {
  row('a connection that does not open is given up and tried again', async (row) => {
    row.tap.hold('/events');
    const tab = await row.open({ backoff, connectTimeout: 300 });
    await tab.until((tab) => tab.status()?.attempt >= 2);
    assert.deepEqual(await reasons(tab), ['timeout']);
    assert.ok(row.tap.to('/events').length >= 2);
    row.tap.hold();
    await tab.untilState('open');
    await row.server.untilConnections(1);
  });

  row('a stream that is mute from the start is made anew', async (row) => {
    await row.faults({ mute: true });
    const tab = await row.open({
      backoff,
      watchdog: { firstData: 300 },
      // Elsewhere it opens, if late.
      ...(row.mute === 'timeout' && { connectTimeout: 500 }),
    });
    await tab.until((tab) => tab.status()?.attempt >= 2);
    assert.deepEqual(await reasons(tab), [row.mute]);
    await row.faults({});
    await tab.until((tab) => tab.status().state === 'open' && tab.status().reason === null);
    await sendAll(row.chat, ['after']);
    assert.deepEqual(await tab.untilMessages(1), ['after']);
    await row.server.untilConnections(1);
  });

  row('a stream that falls silent is made anew and resumed', async (row) => {
    const tab = await row.openConnected({ backoff, watchdog: { silence: 300 } });
    await row.faults({ mute: true });
    const sent = numbered('unheard', 3);
    await sendAll(row.chat, sent);
    await tab.until((tab) => tab.status().reason === 'silent');
    await row.faults({});
    assert.deepEqual(await tab.untilMessages(3), sent);
    await row.server.untilConnections(1);
  });

  row('a stream that stalls after its first event is silent', async (row) => {
    await row.faults({ stall_after: 1 });
    const tab = await row.open({ backoff, watchdog: { firstData: 10_000, silence: 300 } });
    await tab.until((tab) => tab.status()?.reason === 'silent');
    await row.faults({});
    await tab.until((tab) => tab.status().state === 'open' && tab.status().reason === null);
  });

  row(
    'heartbeats keep a quiet stream, and without them it is silent',
    async (row) => {
      const tab = await row.openConnected({ backoff, watchdog: { silence: 2_000 } });
      await tab.run(
        ({ stream }) =>
          new Promise((resolve) => {
            let pings = 0;
            stream().on('ping', () => ++pings === 25 && resolve(undefined));
          }),
      );
      assert.equal(await row.server.metric('sse_connections_total'), 1, 'connections ever opened');
      await row.faults({ no_heartbeat: true });
      await tab.until((tab) => tab.status().reason === 'silent');
    },
    { flags: ['--heartbeat', '100ms'] },
  );

  row(
    'on fetch each byte is a sign of life',
    async (row) => {
      // Each event takes longer than the silence that is allowed.
      await row.faults({ throttle: 150 });
      const tab = await row.open({ backoff, watchdog: { firstData: 2_000, silence: 2_000 } });
      await tab.untilState('open');
      // At once, so that it follows the greeting, which is on its way still.
      await sendAll(row.chat, ['slow']);
      await tab.untilMessages(1, 20_000);
      assert.equal(await row.server.metric('sse_connections_total'), 1, 'connections ever opened');
    },
    { transports: ['fetch'] },
  );

  row(
    'on eventsource only an event is',
    async (row) => {
      await row.faults({ throttle: 300 });
      const tab = await row.open({ backoff, watchdog: { firstData: 200 } });
      await tab.until((tab) => tab.status()?.reason === 'muted');
    },
    { transports: ['eventsource'] },
  );
});
