import assert from 'node:assert/strict';
import { withNginx } from '../harness/proxy.mjs';
import { untroubled } from '../harness/stage.mjs';

/** As written everything works; without the word for WebAssembly the status says so. */
export async function csp(stage, block) {
  assert.ok(block.code.includes(" 'wasm-unsafe-eval'"));
  await underPolicy(stage, block, block.code, async (tab) => {
    await tab.until((stage) => stage.shown.includes('open null'));
    await untroubled(tab);
  });
  // The second attempt may meet the first worker, which is closing, and wait for its answer.
  await underPolicy(stage, block, block.code.replace(" 'wasm-unsafe-eval'", ''), (tab) =>
    tab.until((stage) => stage.shown.includes('waiting worker-failed'), 30_000),
  );
}

const underPolicy = (stage, block, config, run) =>
  withNginx(config, stage.server.url, async (port) => {
    const page = { ...block, id: `${block.id}-${port}`, language: 'js', code: script };
    await run(await stage.open(page, { origin: `http://${page.id}.localhost:${port}` }));
    await stage.clear();
  });

const script = `
  import { connect } from 'tabcast';
  import { getToken } from './session.js';
  const stream = connect('/events', { token: getToken });
  stream.onStatus(({ state, reason }) => show(state + ' ' + reason));
`;
