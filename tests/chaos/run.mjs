import { setTimeout as pause } from 'node:timers/promises';
import { whileAsleep } from '../browser/harness/sleep.mjs';
import { compare } from './compare.mjs';
import { environment } from './environment.mjs';
import { publish } from './publisher.mjs';
import { Random } from './random.mjs';
import { Sampler } from './sampler.mjs';
import { openStage, streamOptions } from './stage.mjs';
import { happenings, Tabs } from './tabs.mjs';

const ALICES_TABS = 3;
/** How long a tab may take to have the last event once all is well again, in milliseconds. */
const SETTLED_WITHIN = 30_000;

/**
 * Lets things go wrong for so many seconds, as the seed says, and compares what each tab saw with
 * the server's log. Two users are logged in, each in tabs of their own.
 *
 * @param {{browser: import('../browser/harness/browser.mjs').Browser, engine: string, host: string, seconds: number, seed: number}} options
 */
export async function chaos({ browser, engine, host, seconds, seed }) {
  const stage = await openStage();
  const { server, tap, users } = stage;
  const random = new Random(seed);
  const people = Object.values(users).map((user) => {
    const options = encodeURIComponent(JSON.stringify(streamOptions(user, host, random)));
    return { user, tabs: new Tabs(browser, `${tap.url}/tab.html#${options}`) };
  });
  const [alice, bob] = people;
  try {
    for (let count = 0; count < ALICES_TABS; count++) await alice.tabs.add();
    await bob.tabs.add();

    const kinds = new Map();
    const count = (kind) => kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    // Where each page is alone it has a connection of its own.
    const allowed = (id) =>
      host === 'page' ? people.find(({ user }) => user.id === id).tabs.count : 1;
    const sampler = new Sampler(server, allowed);
    const end = performance.now() + seconds * 1_000;
    const over = () => performance.now() > end;
    const part = () => new Random(random.between(0, 2 ** 31));
    await Promise.all([
      environment({ server, tap, stopBrowser: whileAsleep }, part(), over, count),
      happenings(alice.tabs, { engine, host }, part(), over, count),
      publish(server, Object.values(users), part(), over),
    ]);
    const found = [];
    for (const person of people) found.push(...(await outcome(server, person)));
    await sampler.stop();
    return { kinds, found, most: sampler.most, longestAbove: sampler.longestAbove };
  } finally {
    for (const { tabs } of people) await tabs.closeAll();
    await stage.close();
  }
}

/** What each of a user's tabs saw, compared with the server's log. */
async function outcome(server, { user, tabs }) {
  const last = `${user.id}/last`;
  await server.send(user.id, last);
  const log = await server.logOf(user);
  const events = log.map(({ event }) => event);
  const limit = performance.now() + SETTLED_WITHIN;
  const found = [];
  for (const { name, tab } of tabs.live) {
    let status;
    for (;;) {
      const [seen, now] = await tab.run((tab) => [tab.last(), tab.status()]);
      status = now;
      if (seen?.event === last || performance.now() > limit) break;
      await pause(50);
    }
    const record = await tab.run((tab) => tab.record());
    found.push({ name, status, record, ...compare(events, placed(record, log)) });
  }
  for (const { name, record } of tabs.closed) {
    // It is asked for nothing that came after the last event it saw.
    const seen = record.findLast(({ event }) => event !== undefined)?.event;
    const until = events.slice(0, events.indexOf(seen) + 1);
    found.push({ name, record, ...compare(until, placed(record, log)) });
  }
  return found.map((one) => ({ ...one, user: user.id }));
}

/** The record with a place in the user's log for each position in the server's. */
function placed(record, log) {
  return record.map(({ afterPosition, ...entry }) => {
    if (afterPosition === undefined) return entry;
    return { after: log.filter(({ position }) => position <= afterPosition).length };
  });
}
