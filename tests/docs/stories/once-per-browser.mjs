import assert from 'node:assert/strict';

/** Two tabs, and of both together each event is shown once. */
export async function one(stage, block) {
  const tabs = [await stage.open(block), await stage.open(block)];
  for (const tab of tabs) await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  for (const text of ['first', 'second']) await stage.chat.send(text);
  // One of them got the last one; its turn is over for both then.
  await Promise.any(tabs.map((tab) => tab.until((stage) => stage.shown.length > 0)));
  await eventuallyAll(tabs, ['rang for first', 'rang for second']);
}

async function eventuallyAll(tabs, wanted) {
  let shown = [];
  while (shown.length < wanted.length) {
    shown = (await Promise.all(tabs.map((tab) => tab.run((stage) => stage.shown)))).flat();
  }
  assert.deepEqual(shown.sort(), wanted);
}
