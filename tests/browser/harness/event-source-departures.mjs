/** Firefox repeats by itself a request that got no answer, and tells nobody. */
const repeated = 'comes back when no response came';

/** Firefox keeps the connection of a `fetch` that was redirected, aborted or cancelled as it may be. */
const leaked = 'closes what a redirect led to';

/**
 * Here an id in a block without data does not last, and the bytes that a header's value stands for
 * are encoded once more.
 */
const unordinary = 'sends the last event ID';

/** Cases of the standard that an engine's own `EventSource`, or the package's in it, does not meet. */
export const eventSourceDepartures = {
  native: {
    chromium: [
      'a URL that cannot be parsed is a SyntaxError',
      'opens as text/event-stream;charset=windows-1252',
    ],
    firefox: [
      repeated,
      // An id in a block without data does not last.
      'sends the last event ID',
    ],
    webkit: [unordinary],
  },
  shared: { chromium: [], firefox: [repeated, leaked], webkit: [unordinary] },
};
