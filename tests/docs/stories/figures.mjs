export async function inspect(stage, block) {
  const tab = await stage.open(block);
  await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  await tab.run(() => document.dispatchEvent(new Event('show-worker')));
  await tab.until((stage) => stage.shown.some((text) => text.startsWith('1 streams, 1 tabs, ')));
}

/** Two tabs share a connection: one is saved. */
export async function metrics(stage, block) {
  const tabs = [await stage.open(block), await stage.open(block)];
  await tabs[0].until((stage) => stage.shown.includes('1 connections saved'));
}
