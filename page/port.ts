import type { Host } from '../worker/host.js';
import type { FromWorker, ToWorker } from '../worker/messages.js';

/** What of a MessagePort a link uses: a leader is spoken to over something else. */
export interface Port {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  postMessage(message: ToWorker): void;
  close(): void;
}

/** Opens a way to the runtime for the tab that holds `lock`; `failed` where there will be none. */
export type OpenPort = (lock: string, failed: (advice: string) => void) => Port;

/** Loads the runtime into this page. */
export async function loadHost(ended: () => void): Promise<Host> {
  const { startHost } = await import('./host.js');
  return startHost(ended);
}
