/** What leads to a connection, and what ends one. */
const message = (data) => `data: ${data}\n\n`;
const soon = 'retry: 50\n';
const gone = { status: 204 };
const idOf = ({ headers }) => headers['last-event-id'];

/** A response that says which origin may read it. */
const allowed = (answer, headers = {}) => ({
  ...answer,
  headers: { 'access-control-allow-origin': '*', ...headers, ...answer.headers },
});

const fails = (answer) => async (c) => {
  const stream = c.stream([answer]);
  await c.expect(stream, ['error 2']);
  await c.aWhile();
  c.equal([c.log, (await c.seen(stream)).length], [['error 2'], 1]);
};

const opensAs = (type) => async (c) => {
  const answer = { headers: { 'content-type': type }, body: [message('ü')], end: 'hold' };
  await c.expect(c.stream([answer]), ['open 1', 'message: ü']);
};

const redirects = (status) => async (c) => {
  const target = c.stream([{ body: [message('a')] }]);
  const stream = c.stream([{ status, headers: { location: target } }]);
  const source = await c.expect(stream, ['open 1', 'message: a']);
  c.equal([source.url, c.events[1].origin], [stream, location.origin]);
};

const failsAsType = (type) => fails({ headers: { 'content-type': type }, body: [message('a')] });

const each = (values, name, make) =>
  Object.fromEntries(values.map((value) => [`${name} ${value}`, make(value)]));

const statuses = [204, 205, 210, 299, 400, 401, 403, 404, 410, 429, 500, 502, 503];

export const connection = {
  ...each(statuses, 'fails for good at', (status) => fails({ status, body: [] })),
  ...each(
    ['text/html', 'text/event-streams', 'text/x-bogus', ''],
    'fails for good as',
    failsAsType,
  ),
  ...each(
    ['text/event-stream;', 'Text/Event-Stream', 'text/event-stream; charset=utf-8'],
    'opens as',
    opensAs,
  ),
  'opens as text/event-stream;charset=windows-1252': opensAs(
    'text/event-stream;charset=windows-1252',
  ),
  ...each([301, 302, 303, 307, 308], 'follows a redirect by', redirects),

  'closes what a redirect led to': async (c) => {
    const target = c.text(message('a'));
    const redirect = { status: 302, headers: { location: target } };
    const source = await c.expect(c.stream([redirect]), ['open 1', 'message: a']);
    source.close();
    await c.untilSeen(target, ([request]) => !request.open);
  },

  'the request is what the standard says': async (c) => {
    const stream = c.text(message('a'));
    await c.expect(stream, ['open 1']);
    const [{ method, headers, url }] = await c.seen(stream);
    const { accept, 'cache-control': cache } = headers;
    c.equal([method, accept, cache], ['GET', 'text/event-stream', 'no-cache']);
    c.equal([new URL(url, location).href, idOf({ headers })], [stream, undefined]);
  },

  'comes back when the response ends': async (c) => {
    const stream = c.stream([
      { body: [soon, message('a')] },
      { body: [message('b')], end: 'hold' },
    ]);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'open 1', 'message: b']);
    c.equal((await c.seen(stream)).length, 2);
  },

  'comes back when the response is cut': async (c) => {
    const stream = c.stream([
      { status: 200, body: [soon, message('a'), 'data: half'], end: 'cut' },
      { body: [message('b')], end: 'hold' },
    ]);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'open 1', 'message: b']);
  },

  'comes back when no response came': async (c) => {
    const stream = c.stream([{ end: 'cut' }, { body: [message('a')], end: 'hold' }]);
    await c.expect(stream, ['error 0', 'open 1', 'message: a']);
  },

  'fails for good when what it comes back to is refused': async (c) => {
    const stream = c.stream([{ body: [soon, message('a')] }, { status: 503 }]);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'error 2']);
    await c.aWhile();
    c.equal((await c.seen(stream)).length, 2);
  },

  'sends the last event ID': async (c) => {
    const stream = c.stream([
      { body: [`${soon}id: 1\n${message('a')}`, message('b')] },
      { body: [message('c')] },
      { body: ['id: é😀\n\n'] },
      { body: [`id\n${message('d')}`] },
      gone,
    ]);
    c.open(stream);
    await c.logged(13);
    const ids = c.events.filter((event) => 'data' in event).map((event) => event.lastEventId);
    c.equal(ids, ['1', '1', '1', '']);
    const sent = (await c.seen(stream)).map(idOf);
    const bytes = Array.from(new TextEncoder().encode('é😀'), (b) => String.fromCharCode(b)).join(
      '',
    );
    c.equal(sent, [undefined, '1', '1', bytes, undefined]);
  },

  'an id of a block that never ended is not the last': async (c) => {
    const stream = c.stream([{ body: [`${soon}id: 1\n${message('a')}id: 2\n`] }, gone]);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'error 2']);
    c.equal((await c.seen(stream)).map(idOf), [undefined, '1']);
  },

  'dispatches again what is sent again': async (c) => {
    const body = [`${soon}id: 1\n${message('a')}id: 1\n${message('a')}`];
    const expected = ['open 1', 'message: a', 'message: a', 'error 0'];
    await c.expect(c.stream([{ body }, { body }, gone]), [...expected, ...expected, 'error 2']);
  },

  'waits for as long as the server said': async (c) => {
    const body = [`retry: 700\nretry: 10x\nretry: -1\n${message('a')}`];
    const stream = c.stream([{ body }, gone]);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'error 2']);
    const [first, second] = await c.seen(stream);
    const wait = second.at - first.at;
    c.ok(wait > 690 && wait < 2_900, `a wait of ${wait} ms`);
  },

  'waits for some seconds where the server said nothing': async (c) => {
    const stream = c.stream([{ body: [message('a')] }, gone]);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'error 2']);
    const [first, second] = await c.seen(stream);
    const wait = second.at - first.at;
    c.ok(wait > 1_900 && wait < 9_000, `a wait of ${wait} ms`);
  },

  'closed while it waits, it does not come back': async (c) => {
    // Long enough for the page's word to reach the worker before it has waited.
    const body = ['retry: 2000\n', message('a')];
    const stream = c.stream([{ body }, { body: [message('b')] }]);
    const source = c.open(stream);
    source.onerror = () => source.close();
    await c.logged(3);
    await new Promise((resolve) => setTimeout(resolve, 3_200));
    c.equal([c.log.length, (await c.seen(stream)).length], [3, 1]);
  },

  'a scheme that cannot be fetched fails for good, later': async (c) => {
    for (const url of [
      'mailto:a@b.test',
      'about:blank',
      "javascript:alert('x')",
      'ftp://a.test/',
    ]) {
      const source = c.open(url);
      c.equal([source.readyState, source.url], [0, url]);
    }
    c.equal(await c.logged(4), Array(4).fill('error 2'));
    c.ok(
      c.events.every((event) => Object.getPrototypeOf(event) === Event.prototype),
      'Events',
    );
  },

  'another origin must allow it': async (c) => {
    const open = { body: [message('a')], end: 'hold' };
    await c.expect(c.stream([allowed(open)], c.other), ['open 1', 'message: a']);
    c.equal(c.events[1].origin, c.other);
    const refused = [open, allowed(open, { 'access-control-allow-origin': 'http://a.test' })];
    for (const answer of refused) {
      c.log = [];
      await c.expect(c.stream([answer], c.other), ['error 2']);
    }
    c.log = [];
    await c.expect(c.stream([allowed(open)], c.other), ['error 2'], { withCredentials: true });
  },

  'cookies travel to another origin where asked': async (c) => {
    const credentials = {
      'access-control-allow-origin': location.origin,
      'access-control-allow-credentials': 'true',
      'set-cookie': `seen=${c.run}`,
    };
    const answers = [allowed({ body: [soon, message('a')] }, credentials), gone];
    for (const withCredentials of [false, true]) {
      c.log = [];
      const stream = c.stream(answers, c.other);
      await c.expect(stream, ['open 1', 'message: a', 'error 0', 'error 2'], { withCredentials });
      const [, { headers }] = await c.seen(stream);
      c.equal(!!headers.cookie?.includes(c.run), withCredentials);
    }
  },

  'another origin is sent the last event ID and no preflight': async (c) => {
    const answers = [
      allowed({ body: [`${soon}id: 1\n${message('a')}`] }),
      allowed({ body: [message('b')], end: 'hold' }),
    ];
    const stream = c.stream(answers, c.other);
    await c.expect(stream, ['open 1', 'message: a', 'error 0', 'open 1', 'message: b']);
    const seen = await c.seen(stream);
    c.equal(
      seen.map(({ method }) => method),
      ['GET', 'GET'],
    );
    c.equal(seen.map(idOf), [undefined, '1']);
  },

  'the origin of a redirected message is that of the final URL': async (c) => {
    // It stays open: what would come after its end is not of the second stream.
    const open = allowed({ body: [message('a')], end: 'hold' });
    const target = c.stream([open], c.other);
    const stream = c.stream([{ status: 302, headers: { location: target } }]);
    await c.expect(stream, ['open 1', 'message: a']);
    c.equal(c.events[1].origin, c.other);
    c.log = [];
    c.events = [];
    const back = { status: 302, headers: { location: c.stream([allowed(open)]) } };
    await c.expect(c.stream([allowed(back)], c.other), ['open 1', 'message: a']);
    c.equal(c.events[1].origin, location.origin);
  },
};
