import assert from 'node:assert/strict';
import { eventually } from './harness/eventually.mjs';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';
import { setVisible, takeVisibility } from './harness/visibility.mjs';

const transports = ['eventsource'];

/** Opens tabs that are in the test's hands, and registers in each, in this order. */
async function openAll(row, ...visible) {
  const tabs = [];
  for (const [index, shown] of visible.entries()) {
    const tab = await row.openConnected({ backoff: { base: 20 } });
    await takeVisibility(tab);
    await setVisible(tab, shown);
    await register(tab, index);
    tabs.push(tab);
  }
  return tabs;
}

/** Has the tab tell the server what it runs, and wait for the answer, so that all runs are noted. */
function register(tab, by, type = 'new_message') {
  return tab.run(
    (tab, by, type) => {
      window.off = tab.stream().oncePerBrowser(type, async (event) => {
        const what = type === 'new_message' ? event.json().message.content : event.data;
        await fetch(`/ran?${new URLSearchParams({ by, what })}`);
        if (window.gate) await window.gate;
        if (what === 'throw') throw new Error('on purpose');
      });
      return tab.registered();
    },
    String(by),
    type,
  );
}

/** From now on what the tab runs does not come to its end; `open()` lets it. */
const shut = (tab) =>
  tab.run(() => {
    window.gate = new Promise((resolve) => {
      window.openGate = resolve;
    });
  });

/** A message of a chat, past the chat. */
const chatEvent = (content) => JSON.stringify({ message: { content } });

const ran = (row) => row.tap.to('/ran').map(({ query }) => query);

/** Waits until so many were run, and no visible tab has anything to run. */
async function untilRun(row, tab, count) {
  await eventually(async () => assert.ok(ran(row).length >= count, 'all were run'), 20_000);
  await tab.run((tab) => tab.settled());
  return ran(row).map(({ what }) => what);
}

/** Has every tab run what it has not yet, if it has: a hidden one would leave it to visible ones. */
async function showAll(tabs) {
  for (const tab of tabs) await setVisible(tab, true);
  await tabs[0].run((tab) => tab.settled());
}

rows((row) => {
  row(
    'each event is run once, also beside a tab that reloads and one that closes',
    async (row) => {
      const tabs = await openAll(row, true, true, true);
      const burst = numbered('burst', 20);
      await Promise.all(burst.map((content) => row.chat.send(content)));
      assert.deepEqual((await untilRun(row, tabs[0], 20)).sort(), burst.sort());

      const during = await sendDuring(row.chat, 'during', async () => {
        await tabs[2].reload();
        await tabs[2].until((tab) => tab.status()?.state === 'open');
        await register(tabs[2], 'reloaded');
        await tabs[0].close();
      });
      await sendAll(row.chat, ['after']);
      for (const tab of tabs.slice(1))
        await tab.until(`(tab) => tab.messages().at(-1) === 'after'`);
      const all = await untilRun(row, tabs[1], 20 + during.length + 1);
      const runs = ran(row).slice(20);
      assert.deepEqual([...new Set(all.slice(20))], [...during, 'after'], 'all, in their order');
      // What a tab was at when it ended is run again.
      const again = runs.filter(({ what }, at) => runs[at - 1]?.what === what);
      const ended = runs.filter(({ what }, at) => runs[at + 1]?.what === what).map(({ by }) => by);
      assert.equal(runs.length - again.length, during.length + 1, 'nothing else twice');
      assert.ok(new Set(ended).size === ended.length && ended.every((by) => '02'.includes(by)));
    },
    { transports },
  );

  row(
    'a visible tab runs it where there is one',
    async (row) => {
      const tabs = await openAll(row, false, true, false);
      await sendAll(row.chat, numbered('second', 5));
      await untilRun(row, tabs[0], 5);
      await setVisible(tabs[1], false);
      await setVisible(tabs[2], true);
      await tabs[2].run((tab) => tab.registered());
      await sendAll(row.chat, numbered('third', 5));
      await untilRun(row, tabs[0], 10);
      await setVisible(tabs[2], false);
      await sendAll(row.chat, ['anyone']);
      await untilRun(row, tabs[0], 11);
      await showAll(tabs);
      const by = ran(row).map(({ by }) => by);
      assert.deepEqual(by.slice(0, 10), [...Array(5).fill('1'), ...Array(5).fill('2')]);
      assert.deepEqual(
        ran(row).map(({ what }) => what),
        [...numbered('second', 5), ...numbered('third', 5), 'anyone'],
      );
    },
    { transports },
  );

  row(
    'what a tab was at when it ended is run again, and nothing else is',
    async (row) => {
      const tabs = await openAll(row, true, false, false);
      await sendAll(row.chat, ['done']);
      await untilRun(row, tabs[1], 1);
      await shut(tabs[0]);
      await sendAll(row.chat, ['in the middle', 'next']);
      await eventually(async () => assert.equal(ran(row).length, 2), 10_000);
      for (const tab of tabs) await tab.untilMessages(3);
      await tabs[0].close();
      await untilRun(row, tabs[1], 4);
      await showAll(tabs.slice(1));
      assert.deepEqual(await untilRun(row, tabs[1], 4), [
        'done',
        'in the middle',
        'in the middle',
        'next',
      ]);
      assert.deepEqual(
        ran(row)
          .slice(0, 2)
          .map(({ by }) => by),
        ['0', '0'],
      );
      assert.ok(
        ran(row)
          .slice(2)
          .every(({ by }) => by !== '0'),
      );
    },
    { transports },
  );

  row(
    'what a navigation breaks off is run again, also where it is slow',
    async (row) => {
      const tabs = await openAll(row, true, false);
      row.tap.hold('/ran');
      await sendAll(row.chat, ['broken off']);
      await eventually(async () => assert.equal(ran(row).length, 1), 10_000);
      await tabs[1].untilMessages(1);
      row.tap.hold('/slow');
      await tabs[0].run(() => {
        location.href = '/slow';
      });
      await eventually(async () => assert.ok(row.tap.to('/slow').length > 0), 10_000);
      // Firefox and WebKit broke the request off by now, Chromium does so as the page goes.
      await tabs[0].close();
      assert.deepEqual(await untilRun(row, tabs[1], 2), ['broken off', 'broken off']);
    },
    { transports },
  );

  row(
    'a tab runs nothing of before it registered, and keeps nobody from it',
    async (row) => {
      const [hidden] = await openAll(row, false);
      await shut(hidden);
      await sendAll(row.chat, ['running', 'waiting']);
      await hidden.untilMessages(2);
      await eventually(async () => assert.equal(ran(row).length, 1), 10_000);
      const [visible] = await openAll(row, true);
      await hidden.run(() => window.openGate());
      await untilRun(row, hidden, 2);
      await showAll([visible, hidden]);
      assert.deepEqual(ran(row), [
        { by: '0', what: 'running' },
        { by: '0', what: 'waiting' },
      ]);
    },
    { transports },
  );

  row(
    'types are apart: a listener that hangs holds up its own type only',
    async (row) => {
      const tabs = await openAll(row, true, true);
      for (const [index, tab] of tabs.entries()) await register(tab, `other ${index}`, 'other');
      for (const tab of tabs) await shut(tab);
      await sendAll(row.chat, ['hangs', 'waits']);
      await eventually(async () => assert.equal(ran(row).length, 1), 10_000);
      await row.send('other', 'one');
      await eventually(async () => assert.equal(ran(row).length, 2), 10_000);
      assert.deepEqual(
        ran(row).map(({ what }) => what),
        ['hangs', 'one'],
      );
      for (const tab of tabs) await tab.run(() => window.openGate());
      assert.deepEqual(await untilRun(row, tabs[0], 3), ['hangs', 'one', 'waits']);
    },
    { transports },
  );

  row(
    'a listener that is taken off runs no more, and one that throws is done',
    async (row) => {
      const tabs = await openAll(row, true, false);
      await sendAll(row.chat, ['throw', 'first']);
      await untilRun(row, tabs[1], 2);
      await tabs[0].run(() => window.off());
      await sendAll(row.chat, ['second']);
      await untilRun(row, tabs[1], 3);
      await showAll(tabs);
      assert.deepEqual(ran(row), [
        { by: '0', what: 'throw' },
        { by: '0', what: 'first' },
        { by: '1', what: 'second' },
      ]);
    },
    { transports },
  );

  row(
    'of more than 1024 waiting events the oldest is dropped, and said to be',
    async (row) => {
      const [tab] = await openAll(row, true);
      await shut(tab);
      await sendAll(row.chat, ['hangs']);
      await eventually(async () => assert.equal(ran(row).length, 1), 10_000);
      await tab.run(() => {
        window.errors = [];
        window.addEventListener('error', ({ error }) => window.errors.push(error.code));
      });
      const sent = numbered('waiting', 1_024);
      await Promise.all(sent.map((content) => row.send('new_message', chatEvent(content))));
      await tab.untilMessages(1_025);
      assert.deepEqual(await tab.run(() => window.errors), ['too-many-waiting']);
    },
    { transports },
  );

  row(
    'another user’s events are run by that user’s tabs',
    async (row) => {
      const [hers] = await openAll(row, true);
      const his = await row.openConnected({ token: row.bob.token });
      await takeVisibility(his);
      await register(his, 'bob');
      await sendAll(row.chat, ['to both']);
      await untilRun(row, hers, 2);
      assert.deepEqual(
        ran(row)
          .map(({ by }) => by)
          .sort(),
        ['0', 'bob'],
      );
    },
    { transports },
  );
});
