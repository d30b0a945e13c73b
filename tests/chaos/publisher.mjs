import { setTimeout as pause } from 'node:timers/promises';

/** The events of one burst, and the pause after it in milliseconds. */
const BURST = [1, 20];
const BETWEEN = [5, 60];

/** Sends numbered events to users in turn, until `over()`. Where the server is away they are lost. */
export async function publish(server, users, random, over) {
  for (let number = 1; !over(); ) {
    for (let left = random.between(...BURST); left > 0 && !over(); left--) {
      const user = random.pick(users);
      // The server's log says in the end which of them it has.
      await server.send(user.id, `${user.id}/${number}`).catch(() => {});
      number += 1;
    }
    await pause(random.between(...BETWEEN));
  }
}
