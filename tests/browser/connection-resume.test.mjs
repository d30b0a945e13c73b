import assert from 'node:assert/strict';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

const backoff = { base: 20, cap: 50 };

rows((row) => {
  row('a cut stream resumes from the last event id', async (row) => {
    const tab = await row.openConnected({ backoff });
    await sendAll(row.chat, ['before']);
    await tab.untilMessages(1);
    const { lastEventId } = await tab.run((tab) => tab.status());
    assert.ok(lastEventId);
    await row.cut();
    await tab.until((tab) => tab.statuses().some(({ reason }) => reason === 'cut'));
    await tab.untilState('open');
    const [, { query, headers }] = row.tap.to('/events');
    assert.equal(query.last_event_id, lastEventId);
    if (row.transport === 'fetch') assert.equal(headers['last-event-id'], lastEventId);
    assert.equal(await row.server.metric('sse_resumes_total'), 1);
  });

  row('cuts while messages come lose and repeat nothing', async (row) => {
    const tabs = [await row.openConnected({ backoff }), await row.openConnected({ backoff })];
    const sent = await sendDuring(row.chat, 'message', async () => {
      for (let cuts = 1; cuts <= 3; cuts++) {
        await row.cut();
        await tabs[0].until(
          `(tab) => tab.statuses().filter(({ reason }) => reason === 'cut').length >= ${cuts}`,
        );
        await tabs[0].untilState('open');
      }
    });
    for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
    await row.server.untilConnections(1);
  });

  row('a tab that joined late goes on by itself when the first one closes', async (row) => {
    const first = await row.openConnected({ backoff });
    const { lastEventId } = await first.run((tab) => tab.status());
    const late = await row.openConnected({ backoff });
    assert.equal((await late.run((tab) => tab.status())).lastEventId, lastEventId);
    // WebKit ends the worker with the tab that started it, and another one takes its place.
    const during = await sendDuring(row.chat, 'during', () => first.close());
    await sendAll(row.chat, ['after']);
    assert.deepEqual(await late.untilMessages(during.length + 1, 20_000), [...during, 'after']);
    await row.server.untilConnections(1);
  });

  row('events that come twice are delivered once', async (row) => {
    await row.faults({ duplicate: true });
    const tab = await row.openConnected({ backoff });
    const sent = numbered('twice', 5);
    await sendAll(row.chat, sent);
    await tab.untilMessages(5);
    await row.faults({});
    await sendAll(row.chat, ['once']);
    assert.deepEqual(await tab.untilMessages(6), [...sent, 'once']);
  });

  row('pieces of any size are put together', async (row) => {
    await row.faults({ split: 7 });
    const tab = await row.openConnected({ backoff });
    const sent = ['Grüße', '你好', 'a 🎉 b'];
    await sendAll(row.chat, sent);
    assert.deepEqual(await tab.untilMessages(3), sent);
    await row.faults({ delay: 50 });
    await sendAll(row.chat, ['late']);
    assert.deepEqual(await tab.untilMessages(4), [...sent, 'late']);
  });

  row('broken UTF-8 is repaired and hurts nothing else', async (row) => {
    await row.faults({ bad_utf8: true });
    const tab = await row.openBlank();
    const data = await tab.run((tab, options) => {
      tab.open(options);
      return new Promise((resolve) => {
        tab.stream().once('bad_utf8', (event) => resolve(event.data));
      });
    }, row.options({ backoff }));
    assert.equal(data, '\ufffd\ufffd\ufffd(');
    await sendAll(row.chat, ['whole']);
    assert.deepEqual(await tab.untilMessages(1), ['whole']);
  });

  row("listening for what the browser's own events are called harms nothing", async (row) => {
    const tab = await row.openConnected({ backoff });
    await tab.run((tab) => {
      window.got = [];
      for (const type of ['open', 'error']) {
        tab.stream().on(type, (event) => window.got.push(event.type));
      }
    });
    await sendAll(row.chat, ['first']);
    await tab.untilMessages(1);
    await row.cut();
    await tab.until(({ statuses }) => statuses().some(({ reason }) => reason === 'cut'));
    await tab.untilState('open');
    await sendAll(row.chat, ['second']);
    assert.deepEqual(await tab.untilMessages(2), ['first', 'second']);
    assert.deepEqual(await tab.run(() => window.got), []);
    assert.equal(await row.server.metric('sse_connections_total'), 2, 'connections ever opened');
    assert.equal(await tab.run((tab) => tab.workers().length), 1, 'no worker died');
  });

  row('a large event arrives whole', async (row) => {
    await row.faults({ huge_event: 2_000_000 });
    const tab = await row.openBlank();
    const size = await tab.run((tab, options) => {
      tab.open(options);
      return new Promise((resolve) => {
        tab.stream().once('huge_event', (event) => resolve(event.data.length));
      });
    }, row.options({ backoff }));
    assert.equal(size, 2_000_000);
  });

  row(
    'an event beyond the limit is refused by name, and the stream goes on without it',
    async (row) => {
      await row.faults({ huge_event: 17 << 20 });
      const tab = await row.open({ backoff });
      await tab.until((tab) => tab.status()?.reason === 'too-large');
      await row.faults({});
      await tab.untilState('open');
      await sendAll(row.chat, ['after']);
      assert.deepEqual(await tab.untilMessages(1), ['after']);
    },
    // An `EventSource` has no limit.
    { transports: ['fetch'] },
  );
});
