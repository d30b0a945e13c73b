import assert from 'node:assert/strict';
import { eventually } from './harness/eventually.mjs';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

const pending = '/api/v1/sse/messages/pending';
const poll = { url: pending, interval: 100 };
const backoff = { base: 50, cap: 200 };
const watchdog = { firstData: 2_000, silence: 3_000 };
const connectTimeout = 2_000;

/** Waits until polls go on from a place: what is sent before the first answer came no poll owes. */
const untilPolledOn = (row) =>
  eventually(() => assert.ok(row.tap.to(pending).at(-1)?.query.last_event_id), 10_000);

const states = async (tab) => (await tab.run((tab) => tab.statuses())).map(({ state }) => state);

rows((row) => {
  const obstacles = {
    'is mute': { mute: true },
    'stands in a buffer': { buffer: 1_000_000 },
  };
  for (const [how, faults] of Object.entries(obstacles)) {
    row(`while the stream ${how} it is polled, then promoted back`, async (row) => {
      const tab = await row.openConnected({ backoff, poll, watchdog, connectTimeout });
      const before = ['before 1'];
      await sendAll(row.chat, before);
      assert.deepEqual(await tab.untilMessages(1), before);

      await row.faults(faults);
      // As it is then: the first probe says otherwise.
      const { reason } = await tab.until(({ status }) => status().state === 'polling' && status());
      assert.equal(reason, 'silent');
      const polled = numbered('polled', 3);
      await sendAll(row.chat, polled);
      assert.deepEqual(await tab.untilMessages(4), [...before, ...polled]);
      assert.deepEqual(await tab.run((tab) => tab.vias()), ['stream', 'poll', 'poll', 'poll']);
      // The probes show that it is mute, and none of them ends the polling.
      await tab.until(
        `({ status }) => status().reason === '${row.mute}' && status().attempt >= 3`,
        20_000,
      );
      const since = (await states(tab)).slice((await states(tab)).indexOf('polling'));
      assert.deepEqual([...new Set(since)], ['polling']);

      const during = await sendDuring(row.chat, 'during', async () => {
        await row.faults({});
        await tab.untilState('open');
      });
      const polls = row.tap.to(pending).length;
      const after = numbered('after', 5);
      await sendAll(row.chat, after);
      const sent = [...before, ...polled, ...during, ...after];
      assert.deepEqual(await tab.untilMessages(sent.length), sent);
      assert.equal((await tab.run((tab) => tab.vias())).at(-1), 'stream');
      assert.equal(row.tap.to(pending).length, polls, 'polls, once the stream is back');
      await row.server.untilConnections(1);
    });
  }

  row('a stream that is mute from the start is polled', async (row) => {
    await row.faults({ mute: true });
    const tab = await row.open({ backoff, poll, watchdog, connectTimeout });
    await tab.until(
      `({ status }) => status()?.state === 'polling' && status().reason === '${row.mute}'`,
    );
    await untilPolledOn(row);
    await sendAll(row.chat, ['polled']);
    assert.deepEqual(await tab.untilMessages(1), ['polled']);
    await row.faults({});
    await tab.untilState('open');
    await sendAll(row.chat, ['streamed']);
    assert.deepEqual(await tab.untilMessages(2), ['polled', 'streamed']);
  });

  row('a connection that does not open is polled', async (row) => {
    row.tap.hold('/events');
    const tab = await row.open({ backoff, poll, connectTimeout });
    await tab.untilState('polling');
    assert.equal((await tab.run((tab) => tab.status())).reason, 'timeout');
    await untilPolledOn(row);
    await sendAll(row.chat, ['polled']);
    assert.deepEqual(await tab.untilMessages(1), ['polled']);
    row.tap.hold();
    await tab.untilState('open');
  });

  row('short healthy responses are not polled, and lose nothing', async (row) => {
    await row.faults({ cut_after_bytes: 1500 });
    const tab = await row.openConnected({ backoff: { base: 10, cap: 20 }, poll });
    const sent = numbered('over many connections', 20);
    await sendAll(row.chat, sent);
    assert.deepEqual(await tab.untilMessages(20), sent);
    assert.ok((await row.server.metric('sse_connections_total')) >= 4, 'connections ever opened');
    assert.equal(row.tap.to(pending).length, 0);
    assert.ok(!(await states(tab)).includes('polling'));
  });
});
