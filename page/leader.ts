import type { Host } from '../worker/host.js';
import { type FromWorker, PROTOCOL, type ToWorker } from '../worker/messages.js';
import { loadHost, type Port } from './port.js';

/**
 * One tab leads: the holder of the lock of this name runs the runtime, and the others reach it
 * over the channel of the same name. The leader's own streams do so too.
 */
const NAME = `tabcast/leader/${PROTOCOL}`;

type Wire =
  /** The tab that holds the lock `from` wants to be served. */
  | { from: string; joins: true }
  | { from: string; message: ToWorker }
  | { to: string; message: FromWorker }
  /** There is a new leader. */
  | { leads: true };

/** A tab's way to the leader, whoever that is. */
export class FollowerPort implements Port {
  onmessage: Port['onmessage'] = null;
  readonly #channel = new BroadcastChannel(NAME);
  /** What was said before a leader answered. */
  #early: ToWorker[] | undefined = [];

  constructor(private readonly lock: string) {
    this.#channel.onmessage = ({ data }: MessageEvent<Wire>) => this.#receive(data);
    this.#send({ from: lock, joins: true });
    stand();
  }

  postMessage(message: ToWorker): void {
    if (this.#early) this.#early.push(message);
    else this.#send({ from: this.lock, message });
  }

  close(): void {
    this.#channel.close();
  }

  #receive(wire: Wire): void {
    if ('leads' in wire && this.#early) this.#send({ from: this.lock, joins: true });
    if (!('to' in wire) || wire.to !== this.lock) return;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const message of early) this.postMessage(message);
    this.onmessage?.(new MessageEvent('message', { data: wire.message }));
  }

  #send(wire: Wire): void {
    this.#channel.postMessage(wire);
  }
}

let candidacy: AbortController | undefined;
/** A runtime that failed leaves its module unusable: this page leads no more. */
let unfit = false;

/** Has this page stand for leader, once, for as long as it is shown. */
function stand(): void {
  if (candidacy || unfit) return;
  const ended = new AbortController();
  candidacy = ended;
  // A page in the back/forward cache runs nothing; another one has to lead meanwhile.
  window.addEventListener('pagehide', () => ended.abort(), { signal: ended.signal });
  window.addEventListener('pageshow', standAgain);
  ended.signal.addEventListener('abort', () => {
    candidacy = undefined;
  });
  navigator.locks
    .request(NAME, { signal: ended.signal }, () => lead(ended))
    .catch((error: unknown) => {
      if (!ended.signal.aborted) console.error('tabcast: this tab cannot lead:', error);
    });
}

function standAgain({ persisted }: PageTransitionEvent): void {
  if (persisted) stand();
}

/** Leads until `ended` is aborted. */
async function lead(ended: AbortController): Promise<void> {
  const host = await loadHost(() => {
    unfit = true;
    ended.abort();
  });
  if (ended.signal.aborted) return host.end();
  const channel = new BroadcastChannel(NAME);
  const served = new Map<string, MessagePort>();
  channel.onmessage = ({ data }: MessageEvent<Wire>) => {
    if (!('from' in data)) return;
    if ('joins' in data) served.set(data.from, serve(host, channel, data.from));
    else served.get(data.from)?.postMessage(data.message);
  };
  channel.postMessage({ leads: true } satisfies Wire);
  await new Promise((resolve) => ended.signal.addEventListener('abort', resolve));
  for (const port of served.values()) port.postMessage('leave' satisfies ToWorker);
  channel.close();
  host.end();
}

function serve(host: Host, channel: BroadcastChannel, to: string): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }: MessageEvent<FromWorker>) =>
    channel.postMessage({ to, message: data } satisfies Wire);
  host.serve(port1);
  return port2;
}
