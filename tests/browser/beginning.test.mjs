import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

// What a tab gets that joins a stream which others have open.

const options = { replay: 2, sticky: ['presence'] };

/** Connects, and records the presences as they come. */
const listen = (tab, options) => {
  window.presences = [];
  tab.open(options).on('presence', ({ data, via }) => window.presences.push(`${data} by ${via}`));
};

rows((row) => {
  row('a tab that joins late has the last events, and the last one of a type', async (row) => {
    const openTab = async (options) => {
      const tab = await row.openBlank();
      await tab.run(listen, row.options(options));
      await tab.untilState('open');
      return tab;
    };
    const presences = (tab) => tab.run(() => window.presences);

    const first = await openTab(options);
    for (const friends of ['1', '2']) await row.send('presence', friends);
    const sent = numbered('message', 5);
    await sendAll(row.chat, sent);
    assert.deepEqual(await first.untilMessages(5), sent);
    assert.deepEqual(await presences(first), ['1 by stream', '2 by stream']);

    const late = await openTab(options);
    assert.deepEqual(await late.untilMessages(2), sent.slice(-2));
    assert.deepEqual(await late.run((tab) => tab.vias()), ['replay', 'replay']);
    assert.deepEqual(await presences(late), ['2 by replay']);

    const plain = await openTab({});
    await sendAll(row.chat, ['after']);
    assert.deepEqual(await plain.untilMessages(1), ['after']);
    assert.deepEqual(await late.untilMessages(3), [...sent.slice(-2), 'after']);
    assert.deepEqual(await presences(plain), []);

    // What the tab got that way it does not get again.
    await late.reload();
    await late.run(listen, row.options(options));
    await late.untilState('open');
    await sendAll(row.chat, ['last']);
    assert.deepEqual(await late.untilMessages(4), [...sent.slice(-2), 'after', 'last']);
    assert.deepEqual(await presences(late), []);
    await row.server.untilConnections(1);
  });
});
