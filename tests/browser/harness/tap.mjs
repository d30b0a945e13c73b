import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const requestHead = /^(?:GET|POST) (\S+) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n/;

/**
 * The network between a browser and the server. It passes bytes on and notes every request, also
 * those that the server turns down and does not count; and it can hang, break and come back.
 */
export class Tap {
  #listener = createServer((socket) => this.#accept(socket));
  #target;
  #port = 0;
  #sockets = new Set();
  #heldPath;
  /** Each with `{at, path, query, headers}`; `at` in milliseconds. */
  requests = [];

  static async start(target) {
    const tap = new Tap(target);
    await tap.back();
    return tap;
  }

  constructor(target) {
    this.#target = new URL(target);
  }

  get url() {
    return `http://${this.#target.hostname}:${this.#port}`;
  }

  /** The requests for a path. */
  to(path) {
    return this.requests.filter((request) => request.path === path);
  }

  /** From now on requests for this path get no answer; without a path all get theirs again. */
  hold(path) {
    this.#heldPath = path;
  }

  /** Breaks all connections and refuses new ones. */
  async away() {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** Accepts connections, at the same address as before. */
  async back() {
    this.#listener.listen(this.#port, this.#target.hostname);
    await once(this.#listener, 'listening');
    this.#port = /** @type {import('node:net').AddressInfo} */ (this.#listener.address()).port;
  }

  async stop() {
    if (this.#listener.listening) await this.away();
  }

  #accept(browser) {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const [from, to] of [
      [browser, server],
      [server, browser],
    ]) {
      this.#sockets.add(from);
      from.setNoDelay();
      // A reset of one side is told to the other by the close that follows.
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    server.pipe(browser);
    browser.on('end', () => server.end());
    browser.on('data', (bytes) => {
      if (!this.#notes(bytes)) server.write(bytes);
    });
  }

  /** Notes a request that begins here; true where it is to be held. */
  #notes(bytes) {
    const [, target, lines] = bytes.toString('latin1').match(requestHead) ?? [];
    if (target === undefined || lines === undefined) return false;
    const { pathname: path, searchParams } = new URL(target, this.url);
    const headers = Object.fromEntries(
      lines.split('\r\n').map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    const query = Object.fromEntries(searchParams);
    this.requests.push({ at: performance.now(), path, query, headers });
    return path === this.#heldPath;
  }
}
