import { TabcastError } from './errors.js';

/** How many events wait for who iterates over them. */
const MAX_WAITING = 1_024;

/**
 * The events that `on` gives, for `for await`. They are gathered from now on; where more wait than
 * there is room for, those that wait are given, and then the iteration fails.
 */
export function iterate<Event>(
  on: (listener: (event: Event) => void) => () => void,
  signals: (AbortSignal | undefined)[],
): AsyncIterableIterator<Event, undefined> {
  const waiting: Event[] = [];
  let ended = false;
  let wake = () => {};
  const end = () => {
    ended = true;
    off();
    for (const signal of signals) signal?.removeEventListener('abort', stop);
    wake();
  };
  const stop = () => {
    waiting.length = 0;
    end();
  };
  const off = on((event) => {
    if (waiting.push(event) > MAX_WAITING) end();
    wake();
  });
  for (const signal of signals) {
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
  }
  async function* give(): AsyncGenerator<Event, undefined> {
    for (;;) {
      while (waiting.length === 0) {
        if (ended) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (ended && waiting.length === 1) {
        throw new TabcastError(
          'too-many-waiting',
          `More than ${MAX_WAITING} events waited for who iterates: take them faster, or listen with \`on\`.`,
        );
      }
      yield waiting.shift() as Event;
    }
  }
  const iterator = give();
  const { return: finish } = iterator;
  return Object.assign(iterator, {
    // Also where the iteration has not begun, and nothing in it would be run.
    return: () => {
      stop();
      return finish.call(iterator, undefined);
    },
  });
}
