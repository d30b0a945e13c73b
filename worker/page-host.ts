import { type Host, hold, say, startRuntime } from './runtime.js';

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
  const free = lock ? await hold(lock) : () => {};
  let works = true;
  const failed = (message: string) => {
    console.error('tabcast: the runtime failed:', message);
    works = false;
    free();
    ended();
  };
  try {
    const { serve, end } = await startRuntime(
      new URL('tabcast.wasm', import.meta.url),
      lock,
      failed,
    );
    return {
      serve,
      end() {
        // When the page comes back from the back/forward cache its timers may fire before it reads
        // that its tabs left: a stream that it opened then would take its successor's place.
        if (works) end();
        free();
      },
    };
  } catch (error) {
    free();
    throw error;
  }
}
