import { setTimeout as pause } from 'node:timers/promises';

const INTERVAL = 20;
/** What one look can add to a time, in milliseconds: while the machine stands still nothing ends. */
const MOST_BETWEEN = 100;

/**
 * Counts each user's connections at the server all the time.
 *
 * @param {{streams: () => Promise<{user_id: number}[]>}} server
 * @param {(user: number) => number} allowed how many a user may have now
 */
export class Sampler {
  #over = false;
  #running;
  /** The most connections of one user at an instant. */
  most = 0;
  /** The longest that a user had more than allowed, in milliseconds. */
  longestAbove = 0;
  samples = 0;

  constructor(server, allowed) {
    this.#running = this.#run(server, allowed);
  }

  async #run(server, allowed) {
    const above = new Map();
    let before = performance.now();
    while (!this.#over) {
      const counts = await count(server);
      const now = performance.now();
      const passed = Math.min(now - before, MOST_BETWEEN);
      before = now;
      if (counts) this.samples += 1;
      for (const user of new Set([...above.keys(), ...(counts?.keys() ?? [])])) {
        const connections = counts?.get(user) ?? 0;
        this.most = Math.max(this.most, connections);
        if (connections <= allowed(user)) above.delete(user);
        else above.set(user, above.has(user) ? above.get(user) + passed : 0);
        this.longestAbove = Math.max(this.longestAbove, above.get(user) ?? 0);
      }
      await pause(INTERVAL);
    }
  }

  stop() {
    this.#over = true;
    return this.#running;
  }
}

/** By user; nothing while the server is away. */
async function count(server) {
  try {
    const counts = new Map();
    for (const { user_id } of await server.streams()) {
      counts.set(user_id, (counts.get(user_id) ?? 0) + 1);
    }
    return counts;
  } catch {
    return undefined;
  }
}
