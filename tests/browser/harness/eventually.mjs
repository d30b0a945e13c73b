import { setTimeout as pause } from 'node:timers/promises';

/**
 * Repeats a check until it passes, and fails with its last failure once the time is over.
 *
 * For what can only be asked for (the server's counters). What announces itself is awaited instead.
 */
export async function eventually(check, within) {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(20);
  }
}
