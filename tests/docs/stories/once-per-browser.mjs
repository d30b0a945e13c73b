import assert from 'node:assert/strict';
import { eventually } from '../../browser/harness/eventually.mjs';

/** Two tabs, and of both together each event is shown once. */
export async function one(stage, block) {
  const tabs = [await stage.open(block), await stage.open(block)];
  for (const tab of tabs) await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  for (const text of ['first', 'second']) await stage.chat.send(text);
  await eventually(async () => {
    const shown = await Promise.all(tabs.map((tab) => tab.run((stage) => stage.shown)));
    assert.deepEqual(shown.flat().sort(), ['rang for first', 'rang for second']);
  }, 10_000);
}
