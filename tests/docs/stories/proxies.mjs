import assert from 'node:assert/strict';
import { Tap } from '../../browser/harness/tap.mjs';
import { withCaddy, withNginx } from '../harness/proxy.mjs';
import { untroubled } from '../harness/stage.mjs';

/** As written an event is there at once; with less it is not, and the status says so. */
export async function nginx(stage, block) {
  await proxied(stage, block, withNginx, block.code, live);

  const plain = without(block.code, 'proxy_buffering off;', 'proxy_http_version 1.1;');
  const impatient = block.code.replace('proxy_read_timeout 1h', 'proxy_read_timeout 1s');
  for (const [config, reason] of [
    [plain, 'timeout'],
    [`postpone_output 0;\n${plain}`, 'muted'],
    [impatient, 'cut'],
  ]) {
    await proxied(stage, block, withNginx, config, (tab) => tab.until(hasReason(reason)));
  }
}

/** As written an event is there at once, and files are still compressed. */
export async function caddy(stage, block) {
  await proxied(stage, block, withCaddy, block.code, async (tab, origin, tap) => {
    await live(tab, origin, tap);
    const file = await fetch(`${origin}/stage/stage.js`, {
      headers: { 'Accept-Encoding': 'gzip' },
    });
    assert.equal(file.headers.get('content-encoding'), 'gzip');
  });
}

/** Runs a configuration in front of the server, with a page that connects through it. */
async function proxied(stage, block, withProxy, config, run) {
  const tap = await Tap.start(stage.server.url);
  try {
    await withProxy(config, tap.url, async (port) => {
      const page = { ...block, id: `${block.id}-${port}`, language: 'js', code: script };
      const tab = await stage.open(page, { origin: `http://${page.id}.localhost:${port}` });
      await run(tab, `http://127.0.0.1:${port}`, { stage, tap });
      await stage.clear();
    });
  } finally {
    await tap.stop();
  }
}

// What the tab goes through is kept: a reason is there until the next attempt.
const script = `
  import { connect } from 'tabcast';
  import { getToken } from './session.js';
  const stream = connect('/events', {
    token: getToken,
    connectTimeout: 1000,
    watchdog: { firstData: 1000 },
  });
  stream.onStatus(({ state, reason }) => show(state + ' ' + reason));
  stream.once('connection_confirmed', () => show('confirmed'));
  stream.on('new_message', (event) => show(event.json().message.content));
`;

/** No event that follows pushes this one out: it comes before the next heartbeat or not at all. */
async function live(tab, _, { stage, tap }) {
  await tab.until((stage) => stage.shown.includes('confirmed'));
  await stage.chat.send('hello');
  await tab.until((stage) => stage.shown.includes('hello'));
  await untroubled(tab);
  for (const { headers } of tap.to('/events')) assert.notEqual(headers.connection, 'close');
}

const hasReason = (reason) => `(stage) => stage.shown.some((text) => text.endsWith(' ${reason}'))`;

function without(config, ...lines) {
  for (const line of lines) {
    assert.ok(config.includes(line), line);
    config = config.replace(line, '');
  }
  return config;
}
