/**
 * What the simulation's tabs were told, and what they did, is done by the page as well. The traces
 * are written by `cargo test -p tabcast-core --test sim -- --ignored write_traces`.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connect } from '../../page/index.js';
import type { FromWorker, Resume } from '../../worker/messages.js';
import { encode, type PlainBatch } from './encode.js';
import { FakeBrowser } from './fake-browser.js';

interface Does {
  wants: { from: number; to: number }[];
  events: [type: string, id: string, data: string][];
  gaps: { fromId: string; toId: string }[];
}

type Step =
  | 'away'
  | { hello: { resume: Resume | null } }
  | { port: Exclude<FromWorker, { type: 'batch' }> | PlainBatch; does: Does }
  | { channel: PlainBatch; does: Does };

const folder = new URL('../sim-traces/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));

test('there are traces', () => assert.ok(names.length > 20));

for (const name of names) {
  const { steps }: { steps: Step[] } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
  test(name, () => replay(name, steps));
}

async function replay(name: string, steps: Step[]) {
  const browser = new FakeBrowser();
  let done: Does = { wants: [], events: [], gaps: [] };
  let stream: ReturnType<typeof connect> | undefined;
  let channel = '';
  let before: Step | undefined;

  for (const [index, step] of steps.entries()) {
    const at = `step ${index} of ${name}`;
    done = { wants: [], events: [], gaps: [] };
    if (step === 'away') {
      browser.pageHides();
    } else if ('hello' in step) {
      if (!stream) stream = open();
      else if (before === 'away') browser.pageShows();
      else browser.workerDies();
      const { resume } = await browser.greeted();
      assert.deepEqual(resume ?? null, step.hello.resume, at);
    } else {
      if ('channel' in step) {
        browser.broadcast(channel, encode(step.channel));
      } else {
        const { port } = step;
        if (port.type === 'welcome') channel = port.channel;
        browser.post(port.type === 'batch' ? encode(port) : port);
      }
      for (const message of browser.said.splice(0)) {
        if (typeof message === 'object' && 'want' in message) done.wants.push(message.want);
      }
      assert.deepEqual(done, step.does, at);
    }
    before = step;
  }
  stream?.close();

  function open() {
    const opened = connect(`http://a.test/events?${name}`, {
      host: 'shared-worker',
      workerUrl: 'http://a.test/worker.js',
    });
    for (const type of ['*', 'ping']) {
      opened.on(type, ({ type, id, data }) => done.events.push([type, id, data]));
    }
    opened.onGap(({ fromId, toId }) => done.gaps.push({ fromId, toId }));
    return opened;
  }
}
