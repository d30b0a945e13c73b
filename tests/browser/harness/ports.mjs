import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { eventually } from './eventually.mjs';

/** A port that nobody listens on, for a server that cannot take a free one by itself. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until somebody listens on the port. */
export const untilListening = (port) => eventually(() => connects(port), 10_000);

async function connects(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
