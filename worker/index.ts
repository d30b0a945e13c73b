import init, { Runtime } from '../target/wasm-bindgen/tabcast.js';
import type { FromWorker } from './messages.js';

declare const self: SharedWorkerGlobalScope;

const lock = `tabcast/worker/${crypto.randomUUID()}`;

/** Tabs that came before the runtime was there. Their messages wait in their ports. */
const early: MessagePort[] = [];
let serve = (port: MessagePort): void => {
  early.push(port);
};

// Before anything is awaited: the browser fires the first tab's event once, and does not wait.
self.onconnect = ({ ports: [port] }) => {
  if (port) serve(port);
};

start().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  console.error('tabcast: the runtime could not start:', message);
  serveAll((port) => say(port, { type: 'failed', message }));
});

async function start(): Promise<void> {
  await init({ module_or_path: new URL('tabcast.wasm', import.meta.url) });
  const [seed = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  const runtime = new Runtime(seed, panicked);
  await hold(lock);
  serveAll((port) => {
    say(port, { type: 'alive', lock });
    runtime.serve(port);
  });
}

function serveAll(how: typeof serve): void {
  serve = how;
  early.splice(0).forEach(how);
}

/** Nothing in the runtime can be trusted now. Closing frees the lock, and so tells every tab. */
function panicked(message: string): void {
  console.error('tabcast: the runtime failed:', message);
  self.close();
}

// A trap (a stack overflow, say) comes here without a panic.
self.addEventListener('error', ({ message }) => panicked(message));

/** Resolves once the lock is held. It is held as long as the worker lives: tabs queue on it. */
function hold(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => {
        resolve();
        return new Promise(() => {});
      })
      .catch(reject);
  });
}

function say(port: MessagePort, message: FromWorker): void {
  port.postMessage(message);
}
