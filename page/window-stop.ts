/** What is to happen when the document's loading is stopped. */
const stopped = new Set<() => void>();
let watched = false;

/**
 * Calls `fail` when the page calls `window.stop()`, which aborts a document's requests, and with
 * that fails its event sources for good. The shared connection is not the document's, and no event
 * tells of the call. Returns a function that ends it.
 */
export function whenStopped(fail: () => void): () => void {
  stopped.add(fail);
  if (!watched) {
    watched = true;
    const { stop } = window;
    window.stop = () => {
      stop.call(window);
      for (const each of [...stopped]) each();
    };
  }
  return () => stopped.delete(fail);
}
