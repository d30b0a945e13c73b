import { type FromWorker, inGeneration, PROTOCOL, type ToWorker } from './messages.js';
import { startHost } from './page-host.js';
import type { Host } from './runtime.js';

/**
 * One tab leads: the holder of the lock of this name runs the runtime, and the others reach it
 * over the channel of the same name. The leader's own streams do so too. A leader that hangs keeps
 * its lock: the tabs that give it up meet under the next generation's name.
 */
const nameOf = (generation: number) => inGeneration(`tabcast/leader/${PROTOCOL}`, generation);

/** The latest that a tab of this page has come to. */
let latest = 0;

type Wire =
  /** The tab that holds the lock `from` wants to be served. */
  | { from: string; joins: true }
  | { from: string; message: ToWorker }
  | { to: string; message: FromWorker }
  /** There is a new leader. */
  | { leads: true };

/** The channels of this page's tabs, by their locks: a tab that comes again leaves its old one. */
const followers = new Map<string, BroadcastChannel>();

/** Ties the port of the tab that holds `lock` to the leader of a generation, whoever that is. */
export function follow(port: MessagePort, lock: string, generation: number): void {
  if (generation > latest) {
    latest = generation;
    candidacy?.abort();
  }
  followers.get(lock)?.close();
  const channel = new BroadcastChannel(nameOf(latest));
  followers.set(lock, channel);
  const send = (wire: Wire) => channel.postMessage(wire);
  const toLeader = ({ data: message }: MessageEvent<ToWorker>) => {
    send({ from: lock, message });
    if (message !== 'leave') return;
    channel.close();
    followers.delete(lock);
  };
  channel.onmessage = ({ data }: MessageEvent<Wire>) => {
    if ('leads' in data && !port.onmessage) send({ from: lock, joins: true });
    if (!('to' in data) || data.to !== lock) return;
    // What the tab says before a leader answers waits in its port.
    port.onmessage ??= toLeader;
    port.postMessage(data.message);
  };
  send({ from: lock, joins: true });
  stand();
}

/** How long a tab that could not lead lets others try, in milliseconds. */
const STAND_AGAIN = 1_000;

let candidacy: AbortController | undefined;
/** A runtime that failed leaves its module unusable: this page leads no more. */
let unfit = false;

/** Has this page stand for leader, once, for as long as it is shown. */
function stand(): void {
  if (candidacy || unfit) return;
  const ended = new AbortController();
  candidacy = ended;
  // A page in the back/forward cache runs nothing; another one has to lead meanwhile.
  addEventListener('pagehide', () => ended.abort(), { signal: ended.signal });
  addEventListener('pageshow', standAgain);
  ended.signal.addEventListener('abort', () => {
    candidacy = undefined;
  });
  const name = nameOf(latest);
  navigator.locks
    .request(name, { signal: ended.signal }, () => lead(name, ended))
    .catch((error: unknown) => {
      if (ended.signal.aborted) return;
      console.error('tabcast: the runtime could not start:', error);
      // Another tab leads, or this one once what it needs can be loaded.
      ended.abort();
      setTimeout(stand, STAND_AGAIN);
    });
}

function standAgain({ persisted }: Event & { persisted?: boolean }): void {
  if (persisted) stand();
}

/** Leads until `ended` is aborted. */
async function lead(name: string, ended: AbortController): Promise<void> {
  const host = await startHost(() => {
    unfit = true;
    ended.abort();
  });
  if (ended.signal.aborted) return host.end();
  const channel = new BroadcastChannel(name);
  const served = new Map<string, MessagePort>();
  channel.onmessage = ({ data }: MessageEvent<Wire>) => {
    if (!('from' in data)) return;
    if ('joins' in data) {
      served.set(data.from, serve(host, channel, data.from));
      return;
    }
    served.get(data.from)?.postMessage(data.message);
    if (data.message === 'leave') served.delete(data.from);
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
