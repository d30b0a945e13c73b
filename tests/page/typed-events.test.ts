import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { z } from 'zod';
import { type ConnectOptions, connect, type TabcastError } from '../../page/index.js';
import { encode } from './encode.js';
import { FakeBrowser } from './fake-browser.js';

const schemas = {
  score: z.object({ points: z.number(), at: z.coerce.date() }),
  name: v.pipe(v.string(), v.trim()),
};

/** A stream that has joined, and what gives it events. */
async function joined<Stream extends { close(): void }>(open: () => Stream) {
  const browser = new FakeBrowser();
  const stream = open();
  await browser.greeted();
  const status = {
    ...{ state: 'open' as const, attempt: 0, retryIn: null, reason: null, httpStatus: null },
    ...{ advice: null, transport: 'fetch' as const, lastEventId: '' },
  };
  const welcome = { type: 'welcome', epoch: 'e', next: 1, channel: 'c', status } as const;
  browser.post({ ...welcome, optionsDiffer: false, recent: [], gap: null } as never);
  let first = 1;
  const give = (...events: [type: string, data: string][]) => {
    const columns = {
      types: events.map(([type]) => type),
      ids: events.map(() => ''),
      data: events.map(([, data]) => data),
      times: events.map(() => 0),
    };
    const head = {
      type: 'batch',
      epoch: 'e',
      first,
      via: 'stream',
      origin: 'http://a.test',
    } as const;
    browser.broadcast('c', encode({ ...head, ...columns }));
    first += events.length;
  };
  return { stream, give };
}

/** For the compiler: the two types are the same. */
const same = <A, B>(_: [A] extends [B] ? ([B] extends [A] ? true : never) : never): void => {};

test('what fits goes to the listeners as the schema made it', async () => {
  const { stream, give } = await joined(() => connect('/events', { validators: schemas }));
  const seen: unknown[] = [];
  stream.on('score', (event) => {
    const score = event.json();
    same<typeof score, { points: number; at: Date }>(true);
    seen.push(score.points + score.at.getUTCFullYear());
    assert.equal(event.json(), score);
  });
  stream.on('name', (event) => {
    same<ReturnType<typeof event.json>, string>(true);
    seen.push(event.json());
  });
  stream.on('other', (event) => {
    same<ReturnType<typeof event.json>, unknown>(true);
    seen.push(event.json());
  });
  give(['score', '{"points": 1, "at": "2024-05-01"}'], ['name', '" x "'], ['other', '[1]']);
  assert.deepEqual(seen, [2025, 'x', [1]]);
  stream.close();
});

test('what does not fit is told, and goes to no listener', async () => {
  const { stream, give } = await joined(() => connect('/events', { validators: schemas }));
  const seen: string[] = [];
  const errors: TabcastError[] = [];
  stream.on('score', ({ data }) => seen.push(data));
  stream.on('*', ({ data }) => seen.push(data));
  stream.onError(() => {
    throw new Error('one listener harms no other');
  });
  const off = stream.onError((error) => errors.push(error));
  const reported: unknown[] = [];
  globalThis.reportError = (error) => reported.push(error);
  give(['score', '{"points": "1", "at": 0}'], ['score', 'no JSON'], ['other', 'x']);
  assert.deepEqual(seen, ['x']);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['invalid-event', 'invalid-event'],
  );
  assert.deepEqual(errors[0]?.issues?.[0]?.path, ['points']);
  assert.equal(errors[0]?.event?.data, '{"points": "1", "at": 0}');
  off();
  assert.equal(reported.length, 2);
  stream.close();
});

test('without a listener for errors they are reported, and so is a schema that answers later', async () => {
  const later = z.string().refine(async () => true);
  const { stream, give } = await joined(() => connect('/events', { validators: { later } }));
  const reported: TabcastError[] = [];
  globalThis.reportError = (error) => reported.push(error);
  stream.on('later', () => assert.fail('it goes to no listener'));
  give(['later', '"x"']);
  assert.match(String(reported[0]?.message), /asynchronous/);
  stream.close();
});

test('validators are schemas', () => {
  for (const validators of [1, null, { a: 1 }, { a: () => true }]) {
    const options = { validators } as unknown as ConnectOptions;
    assert.throws(() => connect('/events', options), { code: 'invalid-option' });
  }
});

interface Events {
  news: { title: string };
  count: number;
}

test('events are typed by their type, also where any is listened for', async () => {
  const { stream, give } = await joined(() => connect<Events>('/events'));
  const seen: unknown[] = [];
  stream.on('news', (event) => {
    same<ReturnType<typeof event.json>, { title: string }>(true);
  });
  stream.once('*', (event) => {
    if (event.type === 'count') seen.push(event.json().toFixed(1));
  });
  const events = stream.events('news');
  same<
    typeof events,
    AsyncIterableIterator<import('../../page/index.js').TabEvent<Events['news'], 'news'>, undefined>
  >(true);
  give(['count', '1']);
  assert.deepEqual(seen, ['1.0']);
  // @ts-expect-error There is no such type.
  stream.on('nosuch', () => {});
  const options = { validators: { count: v.string() } };
  // @ts-expect-error The schema gives something else than the type says.
  const wrong = () => connect<Events>('/events', options);
  assert.ok(wrong);
  stream.close();
});

test('an iteration has what came since it was asked for, in order, until it is left', async () => {
  const { stream, give } = await joined(() => connect<Events>('/events'));
  const events = stream.events('count');
  give(['count', '1'], ['news', '{}'], ['count', '2']);
  const seen: number[] = [];
  for await (const event of events) {
    seen.push(event.json());
    if (seen.length === 2) give(['count', '3']);
    if (seen.length === 3) break;
  }
  give(['count', '4']);
  assert.deepEqual(seen, [1, 2, 3]);
  assert.deepEqual(await events.next(), { done: true, value: undefined });
  stream.close();
});

test('an iteration ends with the stream, with its signal, and where it never began', async () => {
  const { stream, give } = await joined(() => connect<Events>('/events'));
  const over = { done: true, value: undefined };
  const aborted = new AbortController();
  const [byClose, bySignal, unused] = [
    stream.events('*'),
    stream.events('count', aborted),
    stream.events('count'),
  ];
  const waiting = [byClose.next(), bySignal.next()];
  aborted.abort();
  assert.deepEqual(await waiting[1], over);
  await unused.return?.();
  give(['count', '1']);
  assert.deepEqual(await unused.next(), over);
  assert.equal((await waiting[0])?.value?.data, '1');
  give(['count', '2']);
  stream.close();
  assert.deepEqual(await byClose.next(), over);
  assert.deepEqual(await stream.events('count', { signal: aborted.signal }).next(), over);
});

test('an iteration that is too slow fails, behind what waited', async () => {
  const { stream, give } = await joined(() => connect<Events>('/events'));
  const events = stream.events('count');
  for (let index = 0; index < 1_100; index += 1) give(['count', String(index)]);
  const seen: number[] = [];
  const all = async () => {
    for await (const event of events) seen.push(event.json());
  };
  await assert.rejects(all, { code: 'too-many-waiting' });
  assert.deepEqual([seen.length, seen.at(-1)], [1_024, 1_023]);
  stream.close();
});
