import { fileURLToPath } from 'node:url';
import { User } from '../browser/harness/chat.mjs';
import { Server } from '../browser/harness/server.mjs';
import { Tap } from '../browser/harness/tap.mjs';

const www = fileURLToPath(new URL('pages', import.meta.url));
const PENDING = '/api/v1/sse/messages/pending';

/** The server with what only this suite asks of it. */
class ChaosServer {
  #server;
  constructor(server) {
    this.#server = server;
  }

  get url() {
    return this.#server.url;
  }
  get log() {
    return this.#server.log;
  }
  end(signal) {
    return this.#server.end(signal);
  }
  startAgain() {
    return this.#server.startAgain();
  }
  stop() {
    return this.#server.stop();
  }
  streams() {
    return this.#server.streams();
  }

  async #post(path, body) {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status}`);
  }

  /** Everybody's streams, open ones and those to come. */
  fault(fault) {
    return this.#post('/__test/faults', fault);
  }

  send(user_id, data) {
    return this.#post('/__test/event', { user_id, event_type: 'numbered', data });
  }

  /** All that the server has for a user, in its order. */
  async logOf(user) {
    const log = [];
    for (let from = '', more = true; more; ) {
      const query = new URLSearchParams({ limit: '1000', ...(from && { last_event_id: from }) });
      const headers = { authorization: `Bearer ${user.token}` };
      const response = await fetch(`${this.url}${PENDING}?${query}`, { headers });
      const page = await response.json();
      log.push(...page.data);
      from = page.data.at(-1)?.event_id ?? from;
      more = page.has_more;
    }
    return log.map(({ event_id, data }) => ({ position: positionOf(event_id), event: text(data) }));
  }
}

const text = (data) => (typeof data === 'string' ? data : JSON.stringify(data));
const positionOf = (id) => Number(/^[^-]+-(\d+)/.exec(id)?.[1]);

/** A server, the network before it, and two users. */
export async function openStage() {
  const flags = ['--heartbeat', '1s', '--max-connections-per-user', '50'];
  const server = await Server.start({ flags, www });
  const tap = await Tap.start(server.url);
  const alice = await User.logIn(server, 'alice@test.com');
  const bob = await User.logIn(server, 'bob@test.com');
  return {
    server: new ChaosServer(server),
    tap,
    users: { alice, bob },
    async close() {
      await tap.stop();
      await server.stop();
    },
  };
}

/** Short times, so that much happens within a minute. */
export const streamOptions = (user, host, random) => ({
  token: user.token,
  host,
  workerUrl: '/worker.js',
  transport: random.pick(['eventsource', 'fetch']),
  backoff: { base: 30, cap: 300 },
  connectTimeout: 1_200,
  watchdog: { firstData: 1_500, silence: 2_500 },
  ...(random.next() < 0.5 && { poll: { url: PENDING, interval: 200 } }),
});
