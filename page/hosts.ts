import type { Host } from '../worker/host.js';
import { PROTOCOL } from '../worker/messages.js';
import { FollowerPort } from './leader.js';
import { loadHost, type OpenPort, type Port } from './port.js';

/** Where the connection lives, best first. */
export type HostKind = 'shared-worker' | 'leader' | 'page';

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
  if (kind === 'shared-worker') return (_lock, failed) => openWorker(workerUrl, failed);
  if (kind === 'leader') return (lock) => new FollowerPort(lock);
  return (_lock, failed) => openPage(failed);
}

function openWorker(workerUrl: string | URL | undefined, failed: (advice: string) => void): Port {
  const name = `tabcast/${PROTOCOL}`;
  const worker =
    workerUrl === undefined
      ? // Written out in full: bundlers find the worker by exactly this expression.
        new SharedWorker(new URL('./worker.js', import.meta.url), { type: 'module', name })
      : new SharedWorker(workerUrl, { type: 'module', name });
  worker.onerror = () =>
    failed('The worker script did not load: check `workerUrl`, its MIME type and the CSP.');
  return worker.port;
}

let inPage: Promise<Host> | undefined;

function openPage(failed: (advice: string) => void): Port {
  const { port1, port2 } = new MessageChannel();
  inPage ??= loadHost(() => {
    inPage = undefined;
  });
  inPage.then(
    (host) => host.serve(port1),
    () => failed('The runtime did not load: check that `host.js` and the .wasm are served.'),
  );
  return port2;
}
