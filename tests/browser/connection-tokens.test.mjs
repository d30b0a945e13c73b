import assert from 'node:assert/strict';
import { expiredToken, signedToken } from './harness/chat.mjs';
import { eventually } from './harness/eventually.mjs';
import { numbered, sendAll, sendDuring } from './harness/messages.mjs';
import { rows } from './harness/rows.mjs';

const backoff = { base: 50, cap: 200, jitter: 0 };

/** Two valid tokens of alice. */
const twoTokens = ({ alice }) => [signedToken(alice, 3000), signedToken(alice, 4000)];

/**
 * A tab whose token function gives these, one at each call and the last one again; `null` stands
 * for a promise that never settles. `window.asked` counts the calls.
 */
async function openWithTokens(row, tokens) {
  const tab = await row.openBlank();
  await tab.run(
    (tab, options, tokens) => {
      window.asked = 0;
      const token = () => {
        const next = tokens[Math.min(window.asked, tokens.length - 1)];
        window.asked += 1;
        return next ?? new Promise(() => {});
      };
      tab.open({ ...options, token });
    },
    row.options({ backoff }),
    tokens,
  );
  return tab;
}

const connected = (tab) =>
  // WebKit may end the worker with another tab, and lead this one into the process that ends: it
  // asks again every 4 s.
  tab.until(({ status }) => status().state === 'open' && status().lastEventId, 20_000);
const asked = (tab) => tab.run(() => window.asked);
const workersOf = (tab) => tab.run((tab) => tab.workers().length);

/** The token of a request, from wherever this transport puts it. */
const tokenOf = ({ transport }, { headers, query }) =>
  transport === 'fetch' ? headers.authorization?.replace('Bearer ', '') : query.access_token;

/** Turns alice's next connection down. */
const rejectNext = (row, status) =>
  // An `EventSource` does not tell the status: a short request after it asks for it.
  row.faults({ status, count: row.transport === 'fetch' ? 1 : 2 });

rows((row) => {
  row('an expired token is exchanged once, and the fresh one is used', async (row) => {
    const fresh = signedToken(row.alice, 3000);
    const tab = await openWithTokens(row, [expiredToken(row.alice), fresh]);
    await connected(tab);
    assert.equal(await asked(tab), 2);
    const states = (await tab.run((tab) => tab.statuses())).map(({ state }) => state);
    assert.ok(states.includes('needs-auth'), states.join());
    assert.equal(tokenOf(row, row.tap.to('/events').at(-1)), fresh);
    await row.server.untilConnections(1);
  });

  for (const status of [401, 403]) {
    row(`after ${status} one tab of two is asked, once, and nothing is lost`, async (row) => {
      const [first, second] = twoTokens(row);
      const tabs = [
        await openWithTokens(row, [first, second]),
        await openWithTokens(row, [first, second]),
      ];
      for (const tab of tabs) await connected(tab);
      await rejectNext(row, status);
      const sent = await sendDuring(row.chat, 'meanwhile', async () => {
        await row.cut();
        for (const tab of tabs) {
          await tab.until(({ statuses }) => statuses().some(({ state }) => state === 'needs-auth'));
          await tab.untilState('open');
        }
      });
      for (const tab of tabs) assert.deepEqual(await tab.untilMessages(sent.length), sent);
      // Each was asked as it joined, and one of them for the fresh token.
      assert.equal((await asked(tabs[0])) + (await asked(tabs[1])), 3);
      assert.equal(tokenOf(row, row.tap.to('/events').at(-1)), second);
      await row.server.untilConnections(1);
    });
  }

  row('when the asked tab goes away, another one is asked', async (row) => {
    const [first, second] = twoTokens(row);
    const tabs = [
      await openWithTokens(row, [first, null, second]),
      await openWithTokens(row, [first, null, second]),
    ];
    for (const tab of tabs) await connected(tab);
    await rejectNext(row, 401);
    await row.cut();
    const counts = await eventually(async () => {
      const counts = [await asked(tabs[0]), await asked(tabs[1])];
      assert.deepEqual([...counts].sort(), [1, 2]);
      return counts;
    }, 5000);
    const [hanging, other] = counts[0] === 2 ? tabs : [...tabs].reverse();
    // By then it knows that the stream is cut.
    await other.untilState('needs-auth');
    // The other's next answer is a token.
    await other.run(() => {
      window.asked = 2;
    });
    await hanging.close();
    await connected(other);
    // WebKit ends the worker at times with a tab: the next one has the token that it is greeted with.
    const [tokens, workers] = [await asked(other), await workersOf(other)];
    assert.ok(tokens === 3 || workers > 1, `asked ${tokens} times, by ${workers} workers`);
    await sendAll(row.chat, ['after']);
    assert.deepEqual(await other.untilMessages(1), ['after']);
  });

  row('a token function that hangs blocks no other tab', async (row) => {
    const [first, second] = twoTokens(row);
    const tab = await openWithTokens(row, [first, null]);
    await connected(tab);
    await rejectNext(row, 401);
    await row.cut();
    await tab.untilState('needs-auth');
    const sent = numbered('meanwhile', 3);
    await sendAll(row.chat, sent);
    const helper = await openWithTokens(row, [second]);
    await connected(helper);
    assert.deepEqual(await tab.untilMessages(3), sent);
    await tab.untilState('open');
  });

  row('a server that rejects fresh tokens too is asked ever more slowly', async (row) => {
    await row.faults({ status: 401 });
    const tab = await openWithTokens(row, [row.alice.token]);
    const { attempt, httpStatus, reason, times } = await tab.until(({ status }) => {
      const { state, ...rest } = status();
      return state === 'needs-auth' && rest.attempt >= 3 && { ...rest, times: window.asked };
    });
    assert.deepEqual([httpStatus, reason], [401, 'unauthorized']);
    assert.ok(times <= attempt + 2, 'once as it joins, then once for each attempt');
    await row.faults({});
    await tab.untilState('open');
  });

  row('a token that is a string is tried again later', async (row) => {
    await row.faults({ status: 403 });
    const tab = await row.open({ backoff });
    // As it is then: the next attempt has no answer yet.
    const { httpStatus } = await tab.until(
      ({ status }) => status()?.state === 'needs-auth' && status().retryAt && status(),
    );
    assert.equal(httpStatus, 403);
    await row.faults({});
    await tab.untilState('open');
  });

  row('refreshToken() opens the stream anew with a fresh token', async (row) => {
    const [first, second] = twoTokens(row);
    const tab = await openWithTokens(row, [first, second]);
    await connected(tab);
    await tab.run((tab) => tab.stream().refreshToken());
    await tab.until(({ status }) => status().state === 'open' && status().reason === null);
    await eventually(async () => assert.equal(row.tap.to('/events').length, 2), 5000);
    assert.equal(tokenOf(row, row.tap.to('/events')[1]), second);
    assert.equal(await asked(tab), 2);
    await sendAll(row.chat, ['after']);
    assert.deepEqual(await tab.untilMessages(1), ['after']);
    await row.server.untilConnections(1);
  });

  row(
    'a stream outlives its token',
    async (row) => {
      row.bob.token = signedToken(row.bob, 3600);
      const tab = await row.openBlank();
      await tab.run((tab, options) => {
        window.asked = 0;
        const token = async () => {
          window.asked += 1;
          const response = await fetch('/auth/login', {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ email: 'alice@test.com', password: 'password' }),
          });
          return (await response.json()).access_token;
        };
        tab.open({ ...options, token });
      }, row.options({ backoff }));
      await connected(tab);
      let times;
      const sent = await sendDuring(row.chat, 'message', async () => {
        // At once: the second token ends too.
        times = await tab.until(({ statuses }) => {
          const states = statuses().map(({ state }) => state);
          const needed = states.indexOf('needs-auth');
          return needed >= 0 && states.includes('open', needed) && window.asked;
        });
      });
      assert.deepEqual(await tab.untilMessages(sent.length), sent);
      assert.equal(times, 2);
    },
    { flags: ['--token-lifetime', '5s'] },
  );

  row('tokens are shown nowhere', async (row) => {
    const tokens = [expiredToken(row.alice), ...twoTokens(row)];
    const tab = await row.openBlank();
    await tab.run(() => {
      window.said = [];
      for (const how of ['log', 'info', 'warn', 'error', 'debug']) {
        console[how] = (...args) => window.said.push(args.map(String).join(' '));
      }
      window.addEventListener('error', ({ message }) => window.said.push(message));
    });
    await tab.run(
      (tab, options, tokens) => tab.open({ ...options, token: () => tokens.shift() }),
      row.options({ backoff }),
      [...tokens],
    );
    await connected(tab);
    await row.faults({ refuse: true });
    await row.cut();
    await tab.until(({ statuses }) => statuses().some(({ reason }) => reason === 'refused'));
    await row.faults({});
    await tab.untilState('open');
    await tab.run((tab) => tab.stream().refreshToken());
    await eventually(async () => {
      assert.equal(tokenOf(row, row.tap.to('/events').at(-1)), tokens[2]);
    }, 5000);
    const shown = await tab.run((tab) =>
      JSON.stringify([
        tab.statuses(),
        tab.status(),
        { ...localStorage },
        { ...sessionStorage },
        window.said,
        document.cookie,
        performance.getEntriesByType('resource').map(({ name }) => name),
      ]),
    );
    const urls = row.tap.requests.map(({ path, query }) => path + JSON.stringify(query));
    for (const token of tokens) {
      assert.ok(!shown.includes(token), `in the page: ${shown}`);
      assert.ok(!row.server.log.includes(token), "in the server's log");
      if (row.transport === 'fetch') assert.ok(!urls.join('\n').includes(token), 'in a URL');
    }
  });
});
