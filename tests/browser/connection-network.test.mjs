import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';
import { setVisible, takeVisibility } from './harness/visibility.mjs';

/** So long that only what the row is about can bring the stream back. */
const backoff = { base: 60_000, jitter: 0 };

/**
 * Tells the page that the network went or came. Only Chromium's driver can take it from a page for
 * real; elsewhere the page is told what its browser would tell it.
 */
async function setOnline(row, tab, online) {
  if (row.engine === 'chromium') return tab.setOnline(online);
  await tab.run((_, online) => {
    Object.defineProperty(navigator, 'onLine', { get: () => online, configurable: true });
    window.dispatchEvent(new Event(online ? 'online' : 'offline'));
  }, online);
}

const frozen =
  'its back/forward cache freezes the worker with the page, at times before it has let the stream go';

rows((row) => {
  row('without a network nothing is tried; once it is back, at once', async (row) => {
    const tab = await row.openConnected({ backoff });
    await row.tap.away();
    await tab.untilState('waiting');
    await setOnline(row, tab, false);
    await tab.untilState('offline');
    const { reason, retryAt } = await tab.run((tab) => tab.status());
    assert.deepEqual({ reason, retryAt }, { reason: 'offline', retryAt: null });
    const sent = numbered('meanwhile', 3);
    await sendAll(row.chat, sent);
    await row.tap.back();
    await setOnline(row, tab, true);
    assert.deepEqual(await tab.untilMessages(3), sent);
    await row.server.untilConnections(1);
  });

  row('a stream that was open over a change of networks is made anew', async (row) => {
    const tab = await row.openConnected({ backoff });
    await setOnline(row, tab, false);
    await setOnline(row, tab, true);
    await tab.until(({ statuses }) => statuses().some(({ reason }) => reason === 'woke'));
    await tab.untilState('open');
    await sendAll(row.chat, ['after']);
    assert.deepEqual(await tab.untilMessages(1), ['after']);
    assert.equal(await row.server.metric('sse_connections_total'), 2, 'connections ever opened');
    await row.server.untilConnections(1);
  });

  row('hidden tabs let the stream go, and have all once one is shown', async (row) => {
    const tabs = [];
    for (let count = 0; count < 2; count++) {
      const tab = await row.openConnected({ pauseWhenHidden: 100 });
      await takeVisibility(tab);
      tabs.push(tab);
    }
    await setVisible(tabs[0], false);
    await sendAll(row.chat, ['one is visible']);
    await tabs[0].untilMessages(1);
    await row.server.untilConnections(1);

    await setVisible(tabs[1], false);
    for (const tab of tabs) await tab.untilState('idle');
    assert.equal((await tabs[0].run((tab) => tab.status())).reason, 'hidden');
    await row.server.untilConnections(0);
    const sent = ['one is visible', ...numbered('meanwhile', 3)];
    await sendAll(row.chat, sent.slice(1));
    await setVisible(tabs[0], true);
    for (const tab of tabs) assert.deepEqual(await tab.untilMessages(4), sent);
    await row.server.untilConnections(1);
  });

  row(
    'the browser itself hides and shows the tab',
    async (row) => {
      const tab = await row.openConnected({ pauseWhenHidden: 100 });
      await row.browser.showHome();
      await row.server.untilConnections(0);
      await sendAll(row.chat, ['meanwhile']);
      assert.deepEqual(await tab.untilMessages(1), ['meanwhile']);
      await row.server.untilConnections(1);
    },
    { skip: { webkit: 'its driven tabs are windows, which nothing hides' } },
  );

  row('a pause shorter than the patience changes nothing', async (row) => {
    const tab = await row.openConnected({ pauseWhenHidden: 30_000 });
    await takeVisibility(tab);
    await setVisible(tab, false);
    await sendAll(row.chat, ['hidden']);
    assert.deepEqual(await tab.untilMessages(1), ['hidden']);
    await setVisible(tab, true);
    await sendAll(row.chat, ['shown']);
    assert.deepEqual(await tab.untilMessages(2), ['hidden', 'shown']);
    assert.equal(await row.server.metric('sse_connections_total'), 1, 'connections ever opened');
  });

  const leavings = {
    'closes the stream': { leave: (tab) => tab.run((tab) => tab.stream().close()) },
    'is closed': { leave: (tab) => tab.close() },
    'goes elsewhere': {
      leave: (tab) => tab.go('about:blank'),
      skip: { chromium: frozen, webkit: frozen },
    },
  };
  for (const [how, { leave, skip }] of Object.entries(leavings)) {
    row(
      `the connection ends when the last tab ${how}`,
      async (row) => {
        const tabs = [await row.openConnected(), await row.openConnected()];
        await leave(tabs[0]);
        await sendAll(row.chat, ['one is left']);
        // WebKit may end the worker with the tab that started it, and lead the other one into the
        // process that ends: it asks again every 4 s.
        await tabs[1].untilMessages(1, 20_000);
        await row.server.untilConnections(1);
        await leave(tabs[1]);
        await row.server.untilConnections(0);
      },
      { skip },
    );
  }
});
