import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { distDir } from '../../../scripts/lib/paths.mjs';

const pages = fileURLToPath(new URL('../pages', import.meta.url));
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** The pause between the chunks of a body, in milliseconds: without one they are read as one. */
const APART = 20;

/**
 * Answers as each request asks to be answered, on two origins.
 *
 * `/stream?key=K&answers=JSON` gives the n-th request of that key the n-th answer, and the last one
 * from then on. An answer is `{status, headers, body, end}`: `body` a list of chunks (after the
 * first, `null` waits for `/go?key=K`), `end` `'hold'` (the response stays open) or `'cut'` (the
 * socket is destroyed; without a status before the head). `/seen?key=K` gives what was asked under
 * a key.
 */
export class EventSourceServer {
  #servers = [this.#create(), this.#create()];
  #seen = new Map();
  #told = new EventEmitter();
  #urls = [];

  static async start() {
    const server = new EventSourceServer();
    for (const each of server.#servers) {
      each.listen(0, '127.0.0.1');
      await once(each, 'listening');
      const { port } = /** @type {import('node:net').AddressInfo} */ (each.address());
      server.#urls.push(`http://127.0.0.1:${port}`);
    }
    return server;
  }

  /** The page of the tests; it learns of the other origin by its hash. */
  get url() {
    const [page, other] = this.#urls;
    return `${page}/event-source.html#${other}`;
  }

  async stop() {
    for (const each of this.#servers) {
      const closed = once(each, 'close');
      each.close();
      each.closeAllConnections();
      await closed;
    }
  }

  #create() {
    return createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async #answer(request, response) {
    // On a connection used before, browsers repeat by themselves what got no answer.
    response.shouldKeepAlive = false;
    const { pathname, searchParams } = new URL(request.url, 'http://host');
    const key = searchParams.get('key');
    if (pathname === '/seen') {
      return send(response, '.json', JSON.stringify(this.#seen.get(key) ?? []));
    }
    if (pathname === '/go') {
      this.#told.emit(key);
      return send(response, '.json', 'null');
    }
    if (pathname === '/stream') return this.#stream(request, response, key, searchParams);
    const path = pathname.startsWith('/tabcast/')
      ? join(distDir, pathname.slice('/tabcast/'.length))
      : join(pages, pathname.slice(1));
    send(response, extname(path), readFileSync(path));
  }

  async #stream(request, response, key, query) {
    const seen = this.#seen.get(key) ?? [];
    this.#seen.set(key, seen);
    const { method, headers, url } = request;
    const entry = { method, headers, url, at: performance.now(), open: true };
    response.once('close', () => {
      entry.open = false;
    });
    const answers = JSON.parse(query.get('answers'));
    const index = seen.filter((each) => each.method === 'GET').length;
    seen.push(entry);
    const answer = answers[Math.min(index, answers.length - 1)];
    if (answer.end === 'cut' && !answer.status) return request.socket.destroy();
    request.socket.setNoDelay();
    response.writeHead(answer.status ?? 200, {
      'content-type': 'text/event-stream',
      ...answer.headers,
    });
    response.flushHeaders();
    const body = answer.body ?? [];
    for (const [index, chunk] of body.entries()) {
      if (chunk !== null) response.write(chunk);
      // No pause before a wait: the page may answer a chunk sooner.
      await (body[index + 1] === null ? once(this.#told, key) : pause(APART));
    }
    if (answer.end === 'cut') request.socket.destroy();
    else if (answer.end !== 'hold') response.end();
  }
}

function send(response, extension, content) {
  response
    .writeHead(200, {
      'content-type': types[extension] ?? 'text/plain',
      'cache-control': 'no-store',
    })
    .end(content);
}
