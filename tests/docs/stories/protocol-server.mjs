import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Tap } from '../../browser/harness/tap.mjs';
import { startNode } from '../harness/node.mjs';
import { untroubled } from '../harness/stage.mjs';

/** The backend of the page, and the package in a browser: live, cut, resumed, polled, forgotten. */
export async function backend(stage, block) {
  const port = await startBackend(block);
  const tap = await Tap.start(`http://127.0.0.1:${port.number}`);
  const publish = (text) => fetch(`http://127.0.0.1:${port.number}/publish?text=${text}`);
  try {
    const page = { ...block, language: 'js', code: script(tap.url) };
    const tab = await stage.open(page);
    const shown = (text) => tab.until(`({ shown }) => shown.includes('${text}')`);
    await shown('open');
    await publish('live');
    await shown('stream: live');

    await tap.away();
    await publish('missed');
    await tap.back();
    await shown('stream: missed');

    tap.hold('/events');
    await tap.away();
    await tap.back();
    await shown('polling');
    await publish('polled');
    await shown('poll: polled');

    // More than the log holds, while nobody asks for it.
    tap.hold();
    await tap.away();
    for (let sent = 0; sent < 1001; sent++) await publish('many');
    await tap.back();
    await tab.until(({ shown }) => shown.some((text) => text.startsWith('gap: server-log')));
    await tab.until(({ shown }) => shown.filter((text) => text.endsWith('many')).length === 1000);
    // All of it may have come by polls, which go on until the stream is there.
    await tab.until((stage) => stage.isOpen());
    await publish('last');
    await shown('stream: last');

    const texts = await tab.run(({ shown }) =>
      shown.filter((text) => /^(stream|poll): /.test(text)),
    );
    const expected = ['live', 'missed', 'polled', ...Array(1000).fill('many'), 'last'];
    assert.deepEqual(
      texts.map((text) => text.split(': ')[1]),
      expected,
    );
    await untroubled(tab);
  } finally {
    await tap.stop();
    await port.stop();
  }
}

async function startBackend(block) {
  const child = startNode(block, { url: '' }, { PORT: '0' });
  const ended = once(child, 'close');
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the backend ended'))),
  ]);
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { number: Number(line.match(/port: (\d+)/)[1]), stop };
}

const script = (url) => `
  import { connect } from 'tabcast';
  const stream = connect('${url}/events', {
    poll: { url: '${url}/poll', interval: 100 },
    backoff: { base: 50, cap: 200 },
    connectTimeout: 3_000,
  });
  stream.onStatus(({ state }) => show(state));
  stream.onGap(({ reason, fromId, toId }) => show('gap: ' + reason + ' ' + fromId + ' ' + toId));
  stream.on('note', (event) => show(event.via + ': ' + event.json().text));
`;
