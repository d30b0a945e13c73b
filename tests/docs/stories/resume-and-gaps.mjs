/** A place that the server does not know, as after its log was cleared. */
export async function gap(stage, block) {
  const code = block.code.replace(
    'token: getToken',
    "token: getToken, lastEventId: 'of another log'",
  );
  const tab = await stage.open({ ...block, code });
  await tab.until((stage) => stage.shown.some((text) => text.endsWith('messages, read anew')));
}

/** What was sent while no page was open is there when the next one is. */
export async function persistent(stage, block) {
  const first = await stage.open(block);
  await first.until((stage) => stage.streams.length > 0 && stage.isOpen());
  await stage.chat.send('first');
  await first.until((stage) => stage.shown.includes('first'));
  await first.untilStored();
  // The next page is another tab, and not a reload.
  await stage.clear();
  await stage.server.untilConnections(0);
  await stage.chat.send('while nobody looked');
  const second = await stage.open(block);
  await second.until((stage) => stage.shown.includes('while nobody looked'));
}

/** The second tab shows what was sent before it was there. */
export async function beginning(stage, block) {
  const first = await stage.open(block);
  await first.until((stage) => stage.streams.length > 0 && stage.isOpen());
  await stage.send('presence', JSON.stringify({ friends: 3 }));
  const shown = (stage) => stage.shown.includes('3 friends are here');
  await first.until(shown);
  const second = await stage.open(block);
  await second.until(shown);
}
