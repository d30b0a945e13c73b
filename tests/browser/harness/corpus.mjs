import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { distDir } from '../../../scripts/lib/paths.mjs';

const folder = fileURLToPath(new URL('../../conformance', import.meta.url));
const page = fileURLToPath(new URL('../pages/corpus.js', import.meta.url));

/** The type of the event that follows each case. */
const END = 'the-case-is-over';

/** The pause between chunks in milliseconds: without one they are sent, or read, as one. */
const APART = 2;

const text = (json) =>
  typeof json === 'string' ? json : json.repeat.repeat(json.times) + text(json.then ?? '');
const bytes = (json) => (Array.isArray(json) ? Buffer.from(json) : Buffer.from(text(json)));

/** Every case of `tests/conformance/`, in what a tab can see of it. */
export function corpus() {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { cases } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return cases.map((one) => ({
        key: `${name.replace('.json', '')}: ${one.name}`,
        chunks: one.chunks.map(bytes).filter((chunk) => chunk.length > 0),
        resumeAfter: text(one.resumeAfter ?? ''),
        events: one.events.map(({ type, data, lastEventId }) => ({
          type: text(type),
          data: text(data),
          lastEventId: text(lastEventId),
        })),
        types: [...new Set(one.events.map(({ type }) => text(type)))],
        lastEventId: text(one.lastEventId),
        retry: one.retry,
      }));
    });
}

/**
 * Serves a page, the package, and each case's stream at `/<transport>/<case>`: the first request
 * gets the case, the next one an event that says that it is over.
 */
export class CorpusServer {
  #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  #cases = new Map(corpus().map((one) => [one.key, one]));
  #resumed = new Map();
  #begun = new Set();
  url = '';

  static async start() {
    const server = new CorpusServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.#server.address());
    server.url = `http://127.0.0.1:${port}/`;
    return server;
  }

  async stop() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** The last event id that the second connection of a stream came with. */
  resumedAfter(stream) {
    return this.#resumed.get(stream);
  }

  async #answer(request, response) {
    const { pathname, searchParams } = new URL(request.url, this.url);
    const path = decodeURIComponent(pathname).slice(1);
    if (path === '')
      return file(response, '.html', '<script type="module" src="/corpus.js"></script>');
    if (path === 'corpus.js') return file(response, '.js', readFileSync(page));
    if (path.startsWith('tabcast/')) {
      const name = path.slice('tabcast/'.length);
      return file(response, extname(name), readFileSync(join(distDir, name)));
    }
    const one = this.#cases.get(path.slice(path.indexOf('/') + 1));
    if (!one) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (this.#begun.has(path)) {
      this.#resumed.set(path, searchParams.get('last_event_id') ?? '');
      response.write(`event: ${END}\ndata\n\n`);
      return;
    }
    this.#begun.add(path);
    request.socket.setNoDelay();
    response.flushHeaders();
    for (const chunk of one.chunks) {
      response.write(chunk);
      await pause(APART);
    }
    response.end();
  }
}

const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

function file(response, extension, content) {
  response.writeHead(200, { 'content-type': types[extension] ?? 'text/plain' }).end(content);
}
