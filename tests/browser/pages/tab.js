// What a page of an app would do, and a record of what it got. Tests reach it as `window.tab`.
import * as tabcast from '/tabcast/index.js';
import { waiter } from './until.js';

const storageKey = 'recorded messages';

/** Kept over a reload, and written as each message arrives: what a listener saw is never forgotten. */
const messages = JSON.parse(sessionStorage.getItem(storageKey) ?? '[]');
/** How each message came: `via` of its event. */
const vias = [];
const statuses = [];
const gaps = [];
/** How often the page came back from the back/forward cache. */
let returns = 0;
let stream;

addEventListener('pageshow', ({ persisted }) => {
  returns += Number(persisted);
});

/** The shared workers that the package started, so that a test can speak to them past the package. */
const workers = [];
window.SharedWorker = class extends SharedWorker {
  constructor(url, options) {
    super(url, options);
    workers.push({ url: String(url), options });
  }
};

/** A test is looked at after every message and change of status. */
const { changed, until } = waiter(
  () => `the tab has ${JSON.stringify({ messages, status: stream?.status, statuses })}`,
);

function open(options, url = '/events') {
  stream = tabcast.connect(url, options);
  stream.on('new_message', (event) => {
    messages.push(event.json().message.content);
    vias.push(event.via);
    sessionStorage.setItem(storageKey, JSON.stringify(messages));
    changed();
  });
  stream.on('*', changed);
  stream.onGap((gap) => gaps.push(gap));
  stream.onStatus((status) => {
    statuses.push({ ...status, at: Date.now() });
    changed();
  });
  return stream;
}

/** Waits until what `oncePerBrowser` was called for is known to the other tabs. */
async function registered() {
  await import('/tabcast/rota.js');
  // The lock manager takes a page's requests in their order.
  await navigator.locks.request('a probe of the test', () => {});
}

/** Waits until no visible tab has anything to run for `oncePerBrowser`. */
async function settled(within = 20_000) {
  const ours = ({ name }) => name.startsWith('tabcast/once/');
  for (const end = Date.now() + within; ; ) {
    const { held, pending } = await navigator.locks.query();
    const running = held.filter(ours).filter(({ name }) => !name.endsWith('/visible'));
    const waiting = pending.filter(ours);
    if (waiting.length === 0 && running.length === 0) return;
    if (Date.now() > end) throw new Error(`still there: ${JSON.stringify({ running, waiting })}`);
  }
}

window.tab = {
  tabcast,
  open,
  until,
  messages: () => messages,
  vias: () => vias,
  statuses: () => statuses,
  gaps: () => gaps,
  status: () => stream?.status,
  stream: () => stream,
  workers: () => workers,
  returns: () => returns,
  registered,
  settled,
};

// The options of the stream to open at once; a tab without them waits for its test.
if (location.hash) open(JSON.parse(decodeURIComponent(location.hash.slice(1))));
