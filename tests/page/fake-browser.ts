import type { Batch, FromWorker, Hello, ToWorker } from '../../worker/messages.js';

/** As much of a browser as a page needs that shares a worker. Nothing in it happens by itself. */
export class FakeBrowser {
  /** What the page said to the present worker, apart from `hello`, `sync` and `leave`. */
  readonly said: ToWorker[] = [];
  hello: Hello | undefined;
  readonly #window = new EventTarget();
  readonly #channels = new Map<string, FakeChannel>();
  readonly #waiting = new Map<string, () => void>();
  #port: FakePort | undefined;
  #workers = 0;

  constructor() {
    const browser = this;
    const document = Object.assign(new EventTarget(), {
      visibilityState: 'visible',
      baseURI: 'http://a.test/',
    });
    const locks = {
      // A worker's lock is held until the worker dies; a tab's own is free.
      request(name: string, ...rest: unknown[]) {
        const taken = rest.at(-1) as () => unknown;
        if (name.startsWith('worker ')) browser.#waiting.set(name, taken);
        else taken();
        return new Promise(() => {});
      },
    };
    class Worker {
      readonly port = browser.#open();
    }
    class Channel extends FakeChannel {
      constructor(name: string) {
        super();
        browser.#channels.set(name, this);
      }
    }
    const storage = { getItem: () => null, setItem() {}, removeItem() {} };
    const globals = {
      window: Object.assign(this.#window, { SharedWorker: Worker, isSecureContext: true }),
      document,
      location: new URL('http://a.test/'),
      navigator: { locks, onLine: true },
      SharedWorker: Worker,
      BroadcastChannel: Channel,
      sessionStorage: storage,
      localStorage: storage,
    };
    for (const [name, value] of Object.entries(globals)) {
      Object.defineProperty(globalThis, name, { value, configurable: true });
    }
  }

  #open(): FakePort {
    this.hello = undefined;
    const port = new FakePort((message) => {
      if (typeof message === 'object' && 'hello' in message) this.hello = message.hello;
      else if (message !== 'sync' && message !== 'leave') this.said.push(message);
    });
    this.#port = port;
    return port;
  }

  /** Waits until the page has said hello to the worker, which then says that it lives. */
  async greeted(): Promise<Hello> {
    while (!this.hello) await new Promise((resolve) => setImmediate(resolve));
    this.#workers += 1;
    this.post({ type: 'alive', lock: `worker ${this.#workers}` });
    return this.hello;
  }

  post(data: FromWorker): void {
    this.#port?.onmessage?.({ data });
  }

  broadcast(name: string, data: Batch): void {
    this.#channels.get(name)?.onmessage?.({ data });
  }

  workerDies(): void {
    this.#port = undefined;
    this.hello = undefined;
    this.#waiting.get(`worker ${this.#workers}`)?.();
  }

  pageHides(): void {
    this.#window.dispatchEvent(new Event('pagehide'));
  }

  pageShows(): void {
    this.hello = undefined;
    this.#window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  }
}

class FakePort {
  onmessage: ((event: { data: FromWorker }) => void) | undefined;

  constructor(readonly postMessage: (message: ToWorker) => void) {}

  close(): void {}
}

class FakeChannel {
  onmessage: ((event: { data: unknown }) => void) | undefined;

  postMessage(): void {}

  close(): void {
    this.onmessage = undefined;
  }
}
