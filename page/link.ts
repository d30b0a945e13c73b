import type { FromWorker, ToWorker } from '../worker/messages.js';
import type { OpenPort, Port } from './port.js';

/** What a link tells its owner. */
export interface LinkEvents {
  /** The tab holds `lock` and the runtime can be greeted: at the start and after each restart. */
  greet(lock: string): void;
  message(message: FromWorker): void;
  failed(advice: string): void;
}

/** How long a runtime may take to answer. Compiling the WebAssembly of a slow phone is in it. */
const ANSWER_TIMEOUT = 10_000;
/** How many runtimes in a row may die before the link gives up. */
const MAX_RESTARTS = 5;

/**
 * One tab's link to the runtime. Either side learns of the other's end by a Web Lock: a port does
 * not tell.
 */
export class Link {
  #port: Port | undefined;
  #release: (() => void) | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;
  readonly #ended = new AbortController();

  constructor(
    private readonly events: LinkEvents,
    private readonly openPort: OpenPort,
  ) {
    if (!('locks' in navigator)) {
      // The runtime is in this page, and ends with it.
      this.#open('');
      return;
    }
    const name = `tabcast/tab/${crypto.randomUUID()}`;
    navigator.locks
      .request(name, { signal: this.#ended.signal }, () => {
        this.#open(name);
        return new Promise<void>((resolve) => {
          this.#release = resolve;
        });
      })
      .catch(() => {
        // Ended before the lock was there.
      });
  }

  post(message: ToWorker): void {
    this.#port?.postMessage(message);
  }

  /** Leaves at once. The link cannot be used again. */
  end(): void {
    this.post('leave');
    clearTimeout(this.#deadline);
    this.#ended.abort();
    this.#port?.close();
    this.#port = undefined;
    this.#release?.();
  }

  /** The stream works: what failed before does not count any more. */
  settled(): void {
    this.#restarts = 0;
  }

  #open(lock: string): void {
    if (this.#ended.signal.aborted) return;
    let alive = false;
    let port: Port;
    try {
      port = this.openPort(lock, (advice) => {
        // Firefox tells pages of later errors in the worker too; what follows from those, its lock says.
        if (this.#port === port && !alive) this.#fail(advice);
      });
    } catch {
      this.#fail('The worker could not be created: check `workerUrl` and the CSP `worker-src`.');
      return;
    }
    this.#port = port;
    port.onmessage = ({ data }) => {
      if (data.type === 'alive') alive = true;
      if (this.#port === port) this.#receive(data, lock);
    };
    this.#deadline = setTimeout(() => this.#restart(lock), ANSWER_TIMEOUT);
    this.events.greet(lock);
  }

  #receive(message: FromWorker, lock: string): void {
    if (message.type === 'failed') {
      this.#fail(`The WebAssembly did not start (${message.message}): check its URL and the CSP.`);
    } else if (message.type === 'alive') {
      clearTimeout(this.#deadline);
      if (!message.lock) return;
      const { signal } = this.#ended;
      navigator.locks.request(message.lock, { signal }, () => this.#restart(lock)).catch(() => {});
    } else {
      this.events.message(message);
    }
  }

  /** The runtime died, or does not answer: another one takes its place. */
  #restart(lock: string): void {
    this.#port?.close();
    this.#port = undefined;
    clearTimeout(this.#deadline);
    this.#restarts += 1;
    if (this.#restarts > MAX_RESTARTS) {
      this.#fail('The worker failed again and again: its console says why.');
    } else {
      this.#open(lock);
    }
  }

  #fail(advice: string): void {
    this.end();
    this.events.failed(advice);
  }
}
