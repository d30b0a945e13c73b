import { inGeneration, PROTOCOL } from '../worker/messages.js';
import { clientId, randomId } from './identity.js';

/** Where the connection lives, best first. */
export type HostKind = 'shared-worker' | 'leader' | 'page';

/**
 * Opens a way to the runtime for the tab that holds `lock`; `failed` where there will be none.
 * `generation` counts the runtimes that stopped answering.
 */
export type OpenPort = (
  lock: string,
  generation: number,
  failed: (advice: string) => void,
) => MessagePort;

/** What can be wrong where there is no worker at this URL, or none may be created from it. */
export const NO_WORKER = 'The worker did not load: check `workerUrl`, its MIME type and the CSP.';

/** The best host that this browser has, or the one that was asked for where it has that. */
export function chooseHost(asked: HostKind | 'auto' | undefined): HostKind | undefined {
  // Locks are how the tabs of one runtime, and the runtime itself, are seen to end.
  const locks = 'locks' in navigator;
  const able = {
    'shared-worker': locks && 'SharedWorker' in window,
    leader: locks,
    page: true,
  };
  if (asked !== undefined && asked !== 'auto') return able[asked] ? asked : undefined;
  return (Object.keys(able) as HostKind[]).find((kind) => able[kind]);
}

export function opener(kind: HostKind, workerUrl: string | URL | undefined): OpenPort {
  if (kind !== 'shared-worker') return (...args) => openInPage(kind, ...args);
  return (_, generation, failed) => {
    const name = inGeneration(`tabcast/${PROTOCOL}`, generation);
    const worker =
      workerUrl === undefined
        ? // Written out in full: bundlers find the worker by exactly this expression.
          new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name })
        : new SharedWorker(workerUrl, { type: 'module', name });
    worker.onerror = () => failed(NO_WORKER);
    return worker.port;
  };
}

/**
 * The client that a server is to take this page for: it replaces a client's older connection by its
 * newer one. Pages that have no connection in common, by their host or their version, are clients
 * of their own.
 */
export async function clientOf(kind: HostKind): Promise<string> {
  if (kind !== 'page') return `${clientId()}-${kind}-${PROTOCOL}`;
  const fresh = randomId();
  return import('./page-id.js').then(
    ({ pageId }) => pageId(fresh),
    () => fresh,
  );
}

function openInPage(
  kind: 'leader' | 'page',
  ...[lock, generation, failed]: Parameters<OpenPort>
): MessagePort {
  const { port1, port2 } = new MessageChannel();
  import('./host.js').then(
    (host) => host[kind](port1, lock, generation),
    () => failed('The runtime did not load: check that `host.js` is served beside this module.'),
  );
  return port2;
}
