/**
 * Runs in each tab. The tab with the number 0 leads: it tells the others over a channel what to
 * open, and gathers what they got.
 */
import { connect } from '/tabcast/index.js';
import { contestants } from './contestants.js';

const evaluated = performance.now();
const parameters = new URLSearchParams(location.search);
const tab = Number(parameters.get('tab'));
const channel = new BroadcastChannel('bench');
/** How long a run may take, in milliseconds. */
const PATIENCE = 90_000;
const now = () => performance.timeOrigin + performance.now();

/** What this tab has open: how to close it, and how many events came. */
let open;
/** Where the leader's own reports go. */
let onReport;

/**
 * Opens so many streams and reports `opened`, `hello`, and `end` when the last of `count` events
 * came in each.
 */
function begin({ name, urls, count, timed, streams = 1, types = 0 }, report) {
  const latencies = [];
  const reached = { opened: 0, hello: 0, end: 0 };
  const reach = (what, more) => {
    reached[what] += 1;
    if (reached[what] === streams) report({ tab, [what]: now(), ...more });
  };
  const start = (which) => {
    const shared = name.startsWith('tabcast') && streams === 1;
    const url = shared ? urls[0] : `${urls[(tab * streams + which) % urls.length]}&stream=${which}`;
    let next = 0;
    let told = false;
    const opened = () => {
      if (!told) reach('opened');
      told = true;
    };
    const take = (data) => {
      if (data === 'hello') {
        reach('hello');
        return;
      }
      if (Number(data.slice(0, 8)) !== next) {
        report({ tab, error: `${name}: event ${data.slice(0, 8)} came in place of ${next}` });
      }
      next += 1;
      if (timed) latencies.push(now() - Number(data.split(' ')[1]));
      if (next === count) reach('end', { latencies });
    };
    const all = ['message', ...Array.from({ length: types }, (_, type) => `type-${type}`)];
    return { close: contestants[name](url, opened, take, all), progress: () => next };
  };
  const all = Array.from({ length: streams }, (_, which) => start(which));
  open = {
    close: () => {
      for (const { close } of all) close();
    },
    progress: () => all.map(({ progress }) => progress()).join(),
  };
}

function end() {
  open?.close();
  open = undefined;
}

if (parameters.has('join')) join();
else if (parameters.has('start')) start();
else if (tab > 0) follow();

/** What the other followers report comes this way too. */
function follow() {
  channel.onmessage = ({ data }) => {
    if (data.begin) begin(data.begin, (report) => channel.postMessage(report));
    if (data.close) end();
    if (data.ask) channel.postMessage({ tab, progress: open?.progress() ?? null });
  };
}

/** How long a tab takes from its script's evaluation to its first word from the worker. */
function join() {
  const stream = connect(parameters.get('join'), {
    transport: 'eventsource',
    identity: 'eventsource',
  });
  stream.onStatus(({ state }) => {
    if (state !== 'open' || window.joined) return;
    window.joined = performance.now() - evaluated;
    stream.close();
  });
}

/** How long a page takes from its script's evaluation to an open stream, with no worker yet. */
function start() {
  contestants[parameters.get('start')](
    parameters.get('url'),
    () => {
      window.started ??= performance.now() - evaluated;
    },
    () => {},
    ['message'],
    { workerUrl: `/tabcast/worker.js?round=${parameters.get('round')}` },
  );
}

/** The leader's: until every one of `tabs` has reported something with `key`. */
function gather(key, tabs, work) {
  return new Promise((resolve, reject) => {
    const reports = new Map();
    const progress = {};
    const late = () => {
      progress[0] = open?.progress();
      channel.postMessage({ ask: true });
      const tell = () => reject(new Error(`late, events by tab: ${JSON.stringify(progress)}`));
      setTimeout(tell, 1_000);
    };
    const timer = setTimeout(late, PATIENCE);
    const take = (report) => {
      if (report.error) reject(new Error(report.error));
      if ('progress' in report) progress[report.tab] = report.progress;
      if (key in report) reports.set(report.tab, report);
      if (reports.size < tabs) return;
      clearTimeout(timer);
      resolve([...reports.values()]);
    };
    onReport = take;
    channel.onmessage = ({ data }) => take(data);
    work();
  });
}

window.bench = {
  /** Opens what `command` names in all tabs, or `only` in the `leader` or in the `others`. */
  async open(tabs, command, only) {
    await gather('opened', tabs, () => {
      if (only !== 'leader') channel.postMessage({ begin: command });
      if (only !== 'others') begin(command, (report) => onReport(report));
    });
    // All of the way is there only when a first event came.
    await gather('hello', tabs, () => fetch('/hello'));
  },
  /** Has the events sent; gives when, and when each tab had the last. */
  async run(tabs, { count, size, rate, write, types }) {
    await fetch(`/prepare?count=${count}&size=${size}&rate=${rate}&write=${write}&types=${types}`);
    let start;
    const ends = await gather('end', tabs, () => {
      start = now();
      fetch('/go');
    });
    return { start, ends };
  },
  close() {
    channel.postMessage({ close: true });
    end();
  },
};
