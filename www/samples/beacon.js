/** Tabs of one stream measure the same: whoever holds this lock reports for all. */
const LOCK = 'metrics-beacon';

/**
 * Sends a stream's metrics to `url`: every `interval` milliseconds, and when the page is hidden,
 * which may be its end. Returns a function that ends it.
 */
export function sendMetrics(stream, url, { interval = 60_000 } = {}) {
  const ended = new AbortController();
  const { signal } = ended;
  const send = (metrics) => navigator.sendBeacon(url, JSON.stringify(metrics));
  const report = () => {
    const off = stream.onMetrics(send, { interval });
    const hidden = async () => {
      if (document.visibilityState === 'hidden') send(await stream.metrics());
    };
    document.addEventListener('visibilitychange', hidden, { signal });
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(off()));
    });
  };
  navigator.locks.request(LOCK, { signal }, report).catch(() => {
    // Ended before it was this tab's turn.
  });
  return () => ended.abort();
}
