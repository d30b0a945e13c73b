import { setTimeout as pause } from 'node:timers/promises';

/** `count` contents, told apart by their number. */
export const numbered = (name, count) =>
  Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

/** Sends one after the other, so that their order is known. */
export async function sendAll(chat, contents) {
  for (const content of contents) await chat.send(content);
}

/** Between two messages, in milliseconds: a browser that is starved for seconds can still hold all. */
const PACE = 20;

/** Sends numbered messages one after the other until `work` is over, and gives what was sent. */
export async function sendDuring(chat, name, work) {
  const sent = [];
  let over = false;
  const sending = (async () => {
    while (!over) {
      const content = `${name} ${sent.length + 1}`;
      await chat.send(content);
      sent.push(content);
      await pause(PACE);
    }
  })();
  try {
    await work();
  } finally {
    over = true;
    await sending;
  }
  return sent;
}
