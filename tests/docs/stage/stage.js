// What a block of the guide finds in its page: the app's `show()`, and a record for the tests.

export const stage = { shown: [], errors: [], streams: [], changed: () => {} };

const note = (list, entry) => {
  list.push(entry);
  stage.changed();
};

window.show = (value) => note(stage.shown, String(value));
addEventListener('error', (event) => note(stage.errors, event.message));
addEventListener('unhandledrejection', (event) => note(stage.errors, String(event.reason)));

/** Keeps a stream that a block opened. */
export function opened(stream) {
  note(stage.streams, stream);
  stream.onStatus?.(() => stage.changed());
  stream.on?.('connection_confirmed', () => stage.changed());
  stream.addEventListener?.('open', () => stage.changed());
  return stream;
}

// A block about the browser's own is waited for like the others.
window.EventSource = class extends EventSource {
  constructor(url, init) {
    super(url, init);
    opened(this);
  }
};

/** Waits until `test(stage)` is true; fails with what the stage has. */
stage.until = (test, within) =>
  new Promise((resolve, reject) => {
    const status = ({ status, readyState }) => status ?? { readyState };
    const timer = setTimeout(() => {
      const { shown, errors, streams } = stage;
      const record = JSON.stringify({ shown, errors, streams: streams.map(status) });
      reject(new Error(`not within ${within} ms: ${test}\n${record}`));
    }, within);
    const look = () => {
      if (!test(stage)) return;
      clearTimeout(timer);
      resolve(undefined);
    };
    stage.changed = look;
    look();
  });

/**
 * Whether everything that was opened is open and has a place to go on from, which it has with its
 * first event. A standard `EventSource` says 1.
 */
stage.isOpen = () =>
  stage.streams.every(({ status, readyState }) =>
    status ? status.state === 'open' && status.lastEventId !== '' : readyState === 1,
  );

/** The status of the first stream, as the browser tests' page has it. */
stage.status = () => stage.streams[0].status;

window.tab = stage;
