import init, { Runtime } from '../target/wasm-bindgen/tabcast.js';
import type { FromWorker } from './messages.js';

/** Where the WebAssembly is, or its bytes. */
export type WasmSource = URL | Uint8Array<ArrayBuffer>;

/** The runtime, wherever it lives. */
export interface Host {
  /** Serves a tab's port. */
  serve(port: MessagePort): void;
  /** From now on it opens nothing; what is open is closed as its tabs leave. */
  end(): void;
}

/**
 * Starts the runtime. Where it lives, in a SharedWorker or in a page, is the caller's; `failed` is
 * called once if the runtime fails for good, and nothing may be asked of it then.
 */
export async function startRuntime(
  wasm: WasmSource,
  lock: string,
  failed: (message: string) => void,
): Promise<Host> {
  await init({ module_or_path: wasm });
  const [seed = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  const runtime = new Runtime(seed, failed);
  return {
    serve(port) {
      say(port, { type: 'alive', lock });
      runtime.serve(port);
    },
    end: () => runtime.end(),
  };
}

/** Resolves once the lock is held; gives what frees it. Tabs queue on it, to learn of the end. */
export function hold(name: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, () => new Promise<void>((release) => resolve(release)))
      .catch(reject);
  });
}

export function say(port: MessagePort, message: FromWorker): void {
  port.postMessage(message);
}
