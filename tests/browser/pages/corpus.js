// Reads the streams of the corpus, as an app would. The test reaches it as `window.tab`.
import { connect } from '/tabcast/index.js';

const END = 'the-case-is-over';
/** HTTP/1.1 gives an origin six connections. */
const AT_ONCE = 4;
/** A wait that is longer was asked for by the server. */
const NO_WAIT = 50;
/** No case takes so long. */
const LIMIT = 15_000;

function run({ key, types, resumeAfter }, transport) {
  return new Promise((resolve) => {
    const events = [];
    let wait = 0;
    const stream = connect(`/${transport}/${encodeURIComponent(key)}`, {
      transport,
      backoff: { base: 0 },
      ...(resumeAfter && { lastEventId: resumeAfter }),
    });
    const stuck = setTimeout(() => {
      resolve({ events: [...events, { stuck: stream.status }], wait });
      stream.close();
    }, LIMIT);
    const record = ({ type, data, id }) => events.push({ type, data, lastEventId: id });
    // An `EventSource` gives only what is listened for.
    for (const type of types) stream.on(type, type === 'ping' ? record : () => {});
    stream.on('*', (event) => {
      if (event.type !== END) return record(event);
      clearTimeout(stuck);
      stream.close();
      resolve({ events, wait });
    });
    stream.on(END, () => {});
    stream.onStatus(({ state, retryAt }) => {
      if (state !== 'waiting') return;
      wait = retryAt - Date.now();
      if (wait > NO_WAIT) stream.reconnect();
    });
  });
}

async function runAll(cases, transport) {
  const seen = {};
  const left = [...cases];
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      seen[next.key] = await run(next, transport);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return seen;
}

window.tab = { runAll };
