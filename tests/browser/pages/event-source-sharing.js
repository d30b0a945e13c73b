/** What only a shared event source can do, and what it takes beside the standard's members. */
const message = (data) => `data: ${data}\n\n`;
const soon = 'retry: 50\n';
/** Firefox opens no stream before something of the body is there. */
const first = ':\n';

export const sharing = {
  'two share one connection, and the late one opens at once': async (c) => {
    const stream = c.stream([{ body: [message('a')], end: 'hold' }]);
    const first = await c.expect(stream, ['open 1', 'message: a']);
    c.log = [];
    const late = c.open(stream);
    c.equal([late.readyState, c.log], [0, []]);
    c.equal(await c.logged(1), ['open 1']);
    c.equal((await c.seen(stream)).length, 1);
    first.close();
    await c.aWhile();
    c.equal((await c.seen(stream))[0].open, true);
    late.close();
    await c.untilSeen(stream, ([request]) => !request.open);
  },

  'what comes is given to each': async (c) => {
    const stream = c.stream([
      { body: [first, null, soon] },
      { body: [first, null, message('a')], end: 'hold' },
    ]);
    c.open(stream);
    c.open(stream);
    await c.logged(2);
    await c.go(stream);
    await c.logged(6);
    await c.go(stream);
    await c.logged(8);
    const counts = ['open 1', 'error 0', 'message: a'].map(
      (entry) => c.log.filter((each) => each === entry).length,
    );
    c.equal([counts, (await c.seen(stream)).length], [[4, 2, 2], 2]);
  },

  'a fragment makes no other connection, credentials do': async (c) => {
    const stream = c.stream([{ body: [message('a')], end: 'hold' }]);
    c.open(stream);
    c.open(`${stream}#part`);
    await c.logged(2);
    await c.aWhile();
    c.equal((await c.seen(stream)).length, 1);
    c.open(stream, { withCredentials: true });
    await c.untilSeen(stream, (seen) => seen.length === 2);
  },

  'failed for good, it is tried again for the next': async (c) => {
    const stream = c.stream([{ status: 503 }, { body: [message('a')], end: 'hold' }]);
    await c.expect(stream, ['error 2']);
    c.log = [];
    await c.expect(stream, ['open 1', 'message: a']);
  },

  'the rules of a connection need resilient': (c) => {
    for (const rule of [
      { backoff: {} },
      { connectTimeout: 1 },
      { watchdog: {} },
      { poll: { url: '/' } },
      { pauseWhenHidden: 1 },
    ]) {
      c.equal(c.throws(() => new c.EventSource('/', rule), 'TabcastError').code, 'invalid-option');
      c.open('/stream?answers=[{"status":204}]', { ...rule, resilient: true });
    }
    for (const wrong of [{ resilient: 1 }, { transport: 'x' }, { nosuch: 1 }]) {
      c.equal(c.throws(() => new c.EventSource('/', wrong), 'TabcastError').code, 'invalid-option');
    }
  },

  'it takes headers, a token and an ID to start from': async (c) => {
    const stream = c.stream([{ body: [message('a')], end: 'hold' }]);
    const init = { headers: { 'X-Asked': 'yes' }, token: 'secret', lastEventId: '5' };
    await c.expect(stream, ['open 1', 'message: a'], init);
    const [{ headers, url }] = await c.seen(stream);
    c.equal([headers['x-asked'], headers.authorization], ['yes', 'Bearer secret']);
    c.equal([headers['last-event-id'], new URL(url, location).href], ['5', stream]);
    c.equal(c.events[1].lastEventId, '5');
  },

  'resilient, it outlives what would fail for good': async (c) => {
    const stream = c.stream([{ status: 503 }, { body: [message('a')], end: 'hold' }]);
    const init = { resilient: true, transport: 'fetch', backoff: { base: 20 } };
    await c.expect(stream, ['error 0', 'open 1', 'message: a'], init);
  },

  'resilient, it notices a mute stream': async (c) => {
    const stream = c.stream([
      { body: [first], end: 'hold' },
      { body: [message('a')], end: 'hold' },
    ]);
    const init = { resilient: true, backoff: { base: 20 }, watchdog: { firstData: 3_000 } };
    await c.expect(stream, ['open 1', 'error 0', 'open 1', 'message: a'], init);
  },

  'resilient, it fails for good where Tabcast does': async (c) => {
    await c.expect(c.stream([{ status: 404 }]), ['error 2'], {
      resilient: true,
      transport: 'fetch',
    });
  },

  'resilient, it shares with connect, which sees events alone': async (c) => {
    const stream = c.stream([
      { body: [first, null, `id: 1\n${message('a')}`] },
      { body: [`id: 2\n${message('b')}`], end: 'hold' },
    ]);
    const options = { transport: 'fetch', backoff: { base: 20 } };
    const connected = c.tabcast.connect(stream, options);
    const seen = [];
    const both = new Promise((resolve) => {
      connected.on('*', ({ type, data }) => seen.push(`${type}: ${data}`) === 2 && resolve());
    });
    await new Promise((resolve) => {
      connected.onStatus(({ state }) => state === 'open' && resolve());
    });
    await c.expect(stream, ['open 1'], { resilient: true, ...options });
    await c.go(stream);
    const all = ['open 1', 'message: a', 'error 0', 'open 1', 'message: b'];
    c.equal(await c.logged(all.length), all);
    await both;
    c.equal(seen, ['message: a', 'message: b']);
    c.equal((await c.seen(stream)).length, 2);
    c.open(stream, { transport: 'fetch' });
    await c.untilSeen(stream, (seen) => seen.length === 3);
    connected.close();
  },

  'without a worker it is the same': async (c) => {
    for (const host of ['leader', 'page']) {
      c.log = [];
      const stream = c.stream([{ body: [`${soon}id: 1\n${message('a')}`] }, { status: 204 }]);
      await c.expect(stream, ['open 1', 'message: a', 'error 0', 'error 2'], { host });
      c.equal((await c.seen(stream))[1].headers['last-event-id'], '1');
    }
  },

  'window.stop() fails it for good': async (c) => {
    const stream = c.stream([{ body: [message('a')], end: 'hold' }]);
    const source = await c.expect(stream, ['open 1', 'message: a']);
    const other = c.open(c.text(message('b')), { resilient: true });
    await c.logged(4);
    c.log = [];
    window.stop();
    c.equal(source.readyState, 1);
    c.equal(await c.logged(1), ['error 2']);
    await c.aWhile();
    c.equal([c.log, other.readyState], [['error 2'], 1]);
  },
};
