import { hold, say, startRuntime } from './runtime.js';

/** The runtime in a page. */
export interface Host {
  serve(port: MessagePort): void;
  /** Frees the lock that those who are served queue on. */
  end(): void;
}

let alone: Promise<Host> | undefined;

/** Serves a port of this page from a runtime of this page. */
export function serveHere(port: MessagePort): void {
  alone ??= startAlone();
  alone.then(
    (host) => host.serve(port),
    (error: unknown) => {
      alone = undefined;
      say(port, { type: 'failed', message: String(error) });
    },
  );
}

function startAlone(): Promise<Host> {
  const started = startHost(() => {
    alone = undefined;
  });
  // WebKit takes a page's locks when it goes into the back/forward cache: one that comes back would
  // take its runtime for dead, again and again.
  const leave = () => {
    alone = undefined;
    started.then(
      (host) => host.end(),
      () => {},
    );
  };
  addEventListener('pagehide', leave, { once: true });
  return started;
}

/**
 * Starts the runtime in this page. `ended` is called if it fails for good. Without Web Locks (a
 * page that is no secure context) nobody can queue on it: it then serves this page alone.
 */
export async function startHost(ended: () => void): Promise<Host> {
  const lock = navigator.locks ? `tabcast/worker/${crypto.randomUUID()}` : '';
  const end = lock ? await hold(lock) : () => {};
  const failed = (message: string) => {
    console.error('tabcast: the runtime failed:', message);
    end();
    ended();
  };
  try {
    return {
      serve: await startRuntime(new URL('tabcast.wasm', import.meta.url), lock, failed),
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}
