import assert from 'node:assert/strict';
import { Tap } from '../../browser/harness/tap.mjs';

/** What the server no longer takes becomes a call to sign in. */
export async function signIn(stage, block) {
  const tab = await stage.open(block);
  await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  await stage.faults({ status: 401 });
  await tab.run((stage) => stage.streams[0].reconnect());
  await tab.until((stage) => stage.shown.includes('Please sign in again.'));
  await stage.faults({});
  await tab.run((stage) => stage.streams[0].refreshToken());
  await tab.until((stage) => stage.isOpen());
}

export async function inHeader(stage, block) {
  const tap = await Tap.start(stage.server.url);
  try {
    const tab = await stage.open(block, { origin: tap.url });
    await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
    const [{ query, headers }] = tap.to('/events');
    assert.match(headers.authorization, /^Bearer /);
    assert.ok(!('access_token' in query));
    await stage.clear();
  } finally {
    await tap.stop();
  }
}
