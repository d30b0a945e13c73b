/**
 * The load: a bare server in a process of its own, which writes prepared bytes as fast as the
 * browser takes them. A real server with users and a log would be what is measured.
 *
 * A browser opens six HTTP/1.1 connections to an origin, so there is one origin for the pages and
 * one for every five streams.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { Readable } from 'node:stream';

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

const [files, origins] = JSON.parse(process.argv[2] ?? '[{}, 1]');
/** Streams that are open, as responses. */
const streams = new Set();
/** What `/go` sends: to make it ready is no part of what is measured. */
let prepared = () => {};

function page(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://a');
  if (pathname === '/prepare') {
    prepared = prepare(
      Object.fromEntries([...searchParams].map(([name, value]) => [name, +value])),
    );
    response.end();
    return;
  }
  if (pathname === '/go') {
    prepared();
    response.end();
    return;
  }
  if (pathname === '/hello') {
    for (const open of streams) open.write('data: hello\n\n');
    response.end();
    return;
  }
  const file = files[pathname];
  response.setHeader('content-type', TYPES[extname(file ?? '')] ?? 'text/html');
  const html = '<!doctype html><title>bench</title><script type="module" src="/page.js"></script>';
  response.end(file ? readFileSync(file) : html);
}

function stream(request, response) {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', '*');
  if (request.method === 'OPTIONS') {
    response.end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // Firefox tells of a response only once something of its body is there. No blank line follows:
  // fetch-event-source would take it for an event.
  response.write(':\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

/**
 * `count` events of `size` bytes of data to each open stream: `rate` in a second, or as fast as
 * they are taken, in writes of at least so many bytes (one event where that is 1). They are of so
 * many `types` in turn, or messages where that is 0.
 */
function prepare({ count, size, rate, write, types }) {
  if (rate) return () => drip(count, size, rate);
  const chunks = [];
  let text = '';
  for (let number = 0; number < count; number++) {
    text += (types ? `event: type-${number % types}\n` : '') + event(number, '', size);
    if (text.length >= write || number === count - 1) {
      chunks.push(Buffer.from(text));
      text = '';
    }
  }
  return () => {
    for (const response of streams) Readable.from(chunks).pipe(response, { end: false });
  };
}

function drip(count, size, rate) {
  const start = performance.now();
  let number = 0;
  const timer = setInterval(() => {
    while (number < count && number <= ((performance.now() - start) * rate) / 1000) {
      const sent = (performance.timeOrigin + performance.now()).toFixed(3);
      const bytes = Buffer.from(event(number, sent, size));
      for (const response of streams) response.write(bytes);
      number += 1;
    }
    if (number === count) clearInterval(timer);
  }, 1);
}

const event = (number, sent, size) =>
  `id: ${number}\ndata: ${`${String(number).padStart(8, '0')} ${sent} `.padEnd(size, 'x')}\n\n`;

const ports = [];
for (const handler of [page, ...Array.from({ length: origins }, () => stream)]) {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ports.push(server.address().port);
}
process.send?.(ports.map((port) => `http://127.0.0.1:${port}`));
