import { untroubled } from '../harness/stage.mjs';

/** Two tabs, one connection, and each sees what bob says. */
export async function twoTabs(stage, block) {
  const tabs = [await stage.open(block), await stage.open(block)];
  for (const tab of tabs) await tab.until((stage) => stage.isOpen());
  await stage.server.untilConnections(1);
  await stage.chat.send('hello');
  for (const tab of tabs) {
    await tab.until((stage) => stage.shown.includes('hello'));
    await untroubled(tab);
  }
}

/** A stream that is refused says why and what to do, and is live again. */
export async function truth(stage, block) {
  const tab = await stage.open(block);
  await tab.until((stage) => stage.shown.includes('live'));
  await stage.faults({ status: 503 });
  await tab.run((stage) => stage.streams[0].reconnect());
  await tab.until((stage) =>
    stage.shown.some((text) => text.startsWith('waiting: unavailable The')),
  );
  await stage.faults({});
  await tab.run((stage) => stage.streams[0].reconnect());
  await tab.until((stage) => stage.shown.at(-1) === 'live');
}
