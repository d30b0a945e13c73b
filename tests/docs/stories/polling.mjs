/** A mute stream is polled; a mended one takes over. */
export async function polling(stage, block) {
  await stage.faults({ mute: true });
  const tab = await stage.open(block);
  await tab.until((stage) => stage.shown.includes('polling'));
  await stage.chat.send('hello');
  await tab.until((stage) => stage.shown.includes('poll: hello'));
  await stage.faults({});
  await tab.until((stage) => stage.shown.at(-1) === 'open');
  await stage.chat.send('again');
  await tab.until((stage) => stage.shown.includes('stream: again'));
}
