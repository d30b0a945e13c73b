import { hold, say, startRuntime, type WasmSource } from './runtime.js';

declare const self: SharedWorkerGlobalScope;

/** Serves every tab that connects to this SharedWorker. To be called before anything is awaited. */
export function serveTabs(wasm: WasmSource): void {
  /** Tabs that came before the runtime was there. Their messages wait in their ports. */
  const early: MessagePort[] = [];
  let serve = (port: MessagePort): void => {
    early.push(port);
  };
  const serveAll = (how: typeof serve): void => {
    serve = how;
    early.splice(0).forEach(how);
  };

  // The browser fires the first tab's event once, and does not wait.
  self.onconnect = ({ ports: [port] }) => {
    if (port) serve(port);
  };

  // A trap (a stack overflow, say) comes here without a panic.
  self.addEventListener('error', ({ message }) => ended(message));

  const lock = `tabcast/worker/${crypto.randomUUID()}`;
  hold(lock)
    .then(() => startRuntime(wasm, lock, ended))
    .then(
      ({ serve }) => serveAll(serve),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        console.error('tabcast: the runtime could not start:', message);
        serveAll((port) => say(port, { type: 'failed', message }));
        // Under this name the next tab, or the next attempt of these, gets another worker.
        self.close();
      },
    );
}

/** Nothing in the runtime can be trusted now. Closing frees the lock, and so tells every tab. */
function ended(message: string): void {
  console.error('tabcast: the runtime failed:', message);
  self.close();
}
