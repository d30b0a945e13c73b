import { untroubled } from '../harness/stage.mjs';

/** Another library, whose connections the page does not know: the server does. */
export async function before(stage, block) {
  const tab = await stage.open(block);
  await stage.server.untilConnections(1);
  await stage.chat.send('hello');
  await tab.until((stage) => stage.shown.includes('hello'));
  await untroubled(tab);
}

/** The same, and a second tab costs nothing. */
export async function after(stage, block) {
  const tabs = [await stage.open(block), await stage.open(block)];
  for (const tab of tabs) await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  await stage.server.untilConnections(1);
  await stage.chat.send('hello');
  for (const tab of tabs) {
    await tab.until((stage) => stage.shown.includes('hello'));
    await untroubled(tab);
  }
}
