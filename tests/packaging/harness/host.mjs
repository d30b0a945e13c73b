import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { extname, join } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * Where an app is hosted: its files, or its own server, and the backend's stream beside them on one
 * origin. It notes the paths of all requests.
 */
export class Host {
  #http = createServer((request, response) => this.#answer(request, response));
  #options;
  /** @type {string[]} */ paths = [];
  url = '';

  /**
   * @param {object} options
   * @param {string} options.backend has `/events`
   * @param {string} [options.folder] with the app's files
   * @param {string} [options.app] the URL of the app's own server
   * @param {Record<string, string>} [options.headers] of every answer
   * @param {string} [options.lacks] the ending of files that are not served
   */
  static async start(options) {
    const host = new Host(options);
    host.#http.listen(0, '127.0.0.1');
    await once(host.#http, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (host.#http.address());
    host.url = `http://127.0.0.1:${port}`;
    return host;
  }

  constructor(options) {
    this.#options = options;
  }

  /** The paths with this ending that were asked for. */
  asked(ending) {
    return this.paths.filter((path) => path.endsWith(ending));
  }

  async stop() {
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  #answer(request, response) {
    const { pathname } = new URL(request.url, this.url);
    const { backend, app, headers = {}, lacks } = this.#options;
    this.paths.push(pathname);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (pathname === '/events') forward(request, response, backend);
    else if (lacks && pathname.endsWith(lacks)) response.writeHead(404).end();
    else if (app) forward(request, response, app);
    else this.#file(pathname, response);
  }

  #file(pathname, response) {
    const path = join(this.#options.folder, pathname.endsWith('/') ? 'index.html' : pathname);
    const type = types[extname(path)];
    if (!type || !statSync(path, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', type);
    createReadStream(path).pipe(response);
  }
}

function forward(request, response, to) {
  const { method, headers } = request;
  const target = new URL(request.url, to);
  const upstream = send(
    target,
    { method, headers: { ...headers, host: target.host } },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    },
  );
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}
