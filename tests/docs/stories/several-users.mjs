export async function signOut(stage, block) {
  const tab = await stage.open(block);
  await tab.until((stage) => stage.streams.length > 0 && stage.isOpen());
  await stage.server.untilConnections(1);
  await tab.run(() => document.dispatchEvent(new Event('sign-out')));
  await tab.until((stage) => stage.shown.includes('signed out'));
  await stage.server.untilConnections(0);
}
