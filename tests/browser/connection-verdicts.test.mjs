import assert from 'node:assert/strict';
import { numbered, sendAll } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

const backoff = { base: 20, cap: 50 };

const final = { 204: 'server-closed', 400: 'rejected', 404: 'rejected', 410: 'rejected' };
const passing = [408, 425, 429, 500, 502, 503, 504];

rows((row) => {
  row('204 and most 4xx close, until somebody asks', async (row) => {
    const tab = await row.openConnected({ backoff });
    for (const [code, reason] of Object.entries(final)) {
      await row.faults({ status: Number(code) });
      const before = row.tap.to('/events').length;
      await tab.run((tab) => tab.stream().reconnect());
      await tab.until(`(tab) => tab.status().httpStatus === ${code}`);
      const status = await tab.run((tab) => tab.status());
      assert.deepEqual(
        [status.state, status.reason, status.retryAt],
        ['closed', reason, null],
        code,
      );
      assert.ok(status.advice, code);
      // An `EventSource` does not tell the status: a short request asks for it.
      const requests = row.transport === 'fetch' ? 1 : 2;
      assert.equal(row.tap.to('/events').length - before, requests, code);
    }
    await row.server.untilConnections(0);
    await row.faults({});
    await tab.run((tab) => tab.stream().reconnect());
    await tab.untilState('open');
    assert.equal((await tab.run((tab) => tab.status())).httpStatus, null);
  });

  row('408, 425, 429 and 5xx are tried again', async (row) => {
    const tab = await row.openConnected({ backoff });
    for (const code of passing) {
      await row.faults({ status: code });
      await tab.run((tab) => tab.stream().reconnect());
      await tab.until(`({ status }) => status().httpStatus === ${code} && status().attempt >= 2`);
      const status = await tab.run((tab) => tab.status());
      assert.equal(status.reason, 'unavailable', String(code));
      assert.ok(['waiting', 'connecting'].includes(status.state), status.state);
      await row.faults({});
      await tab.untilState('open');
    }
  });

  row('a wrong content type is tried again', async (row) => {
    await row.faults({ wrong_content_type: true });
    const tab = await row.open({ backoff });
    await tab.until(
      (tab) => tab.status()?.reason === 'wrong-content-type' && tab.status().attempt >= 2,
    );
    await row.faults({});
    await tab.untilState('open');
  });

  row('connections without an answer are tried again', async (row) => {
    await row.faults({ refuse: true });
    const tab = await row.open({ backoff });
    await tab.until((tab) => tab.status()?.reason === 'refused' && tab.status().attempt >= 2);
    await row.faults({});
    await tab.untilState('open');
  });

  row('a server that is away is tried until it is back, and nothing is lost', async (row) => {
    const tab = await row.openConnected({ backoff });
    await row.tap.away();
    const sent = numbered('meanwhile', 3);
    await sendAll(row.chat, sent);
    await tab.until((tab) => tab.status().reason === 'refused' && tab.status().attempt >= 3);
    await row.tap.back();
    assert.deepEqual(await tab.untilMessages(3), sent);
    await row.server.untilConnections(1);
  });

  row('a redirect is followed', async (row) => {
    const target = `/events?access_token=${row.alice.token}&redirected=yes`;
    await row.faults({ redirect: target, count: 1 });
    const tab = await row.openConnected({ backoff });
    assert.equal((await tab.run((tab) => tab.status())).attempt, 0);
    assert.equal(row.tap.to('/events').at(-1)?.query.redirected, 'yes');
    await sendAll(row.chat, ['redirected']);
    assert.deepEqual(await tab.untilMessages(1), ['redirected']);
  });

  row('endless redirects are a refusal, and tried again', async (row) => {
    await row.faults({ redirect: `/events?access_token=${row.alice.token}` });
    const tab = await row.open({ backoff });
    await tab.until((tab) => tab.status()?.reason === 'refused');
    await row.faults({});
    await tab.untilState('open');
  });
});
