// @ts-check

/**
 * Calls `then` once the holder of the lock `name` is gone, unless `signal` was aborted before. The
 * lock is given back at once.
 *
 * @param {string} name
 * @param {AbortSignal} signal
 * @param {() => void} then
 */
export function whenFreed(name, signal, then) {
  // Rejected where the signal is aborted, or the worker itself is going away.
  navigator.locks.request(name, { signal }, then).catch(() => {});
}
