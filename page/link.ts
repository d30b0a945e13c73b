import { type FromWorker, PROTOCOL, type ToWorker } from '../worker/messages.js';
import { NO_WORKER, type OpenPort } from './hosts.js';

/** What a link tells its owner. */
export interface LinkEvents {
  /**
   * The runtime can be greeted by the tab that holds `lock`: at the start and after each restart.
   * `say` does nothing once another runtime has taken this one's place.
   */
  greet(lock: string, say: (message: ToWorker) => void): void;
  message(message: FromWorker): void;
  /** There is no runtime now; another one is tried for at once. */
  restarting(): void;
  /** There is no runtime now; another one is tried for in `wait` milliseconds. */
  waiting(wait: number, advice: string): void;
  /** There never was one, and none is tried for any more. */
  failed(advice: string): void;
}

/** How long a runtime may take to answer. Compiling the WebAssembly of a slow phone is in it. */
const ANSWER_TIMEOUT = 15_000;
/**
 * How often a new runtime is asked to answer until it does. WebKit loses a port that is opened
 * while the worker's process ends, and Firefox does not say that a script could not be had.
 */
const ASK_AGAIN = 4_000;
/** How often a runtime that says nothing by itself is asked whether it still answers. */
const HEARTBEAT = 15_000;
/** How many attempts in a row may fail before a link gives up that never worked. */
const MAX_RESTARTS = 5;
/** The longest wait before a runtime is tried for again. */
const MAX_WAIT = 30_000;

/**
 * One tab's link to the runtime. Either side learns of the other's end by a Web Lock: a port does
 * not tell.
 */
export class Link {
  #port: MessagePort | undefined;
  readonly #lock = 'locks' in navigator ? `tabcast/tab/${crypto.randomUUID()}` : '';
  #isHeld = false;
  /** The present runtime was told who this tab is. */
  #isGreeted = false;
  #release: (() => void) | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #restarts = 0;
  /** A script that loaded once is there: what keeps it from loading will pass. */
  #worked = false;
  /** How many runtimes of this browser stopped answering. */
  #generation = 0;
  /** All tabs have to leave one that hangs, or two runtimes would hold a connection each. */
  readonly #generations = new BroadcastChannel(`tabcast/generation/${PROTOCOL}`);
  readonly #ended = new AbortController();

  constructor(
    private readonly events: LinkEvents,
    private readonly openPort: OpenPort,
  ) {
    this.#generations.onmessage = ({ data }: MessageEvent<number>) => {
      if (data > this.#generation) this.#moveOn(data);
      else if (data < this.#generation) this.#generations.postMessage(this.#generation);
    };
    this.#generations.postMessage(this.#generation);
    // The runtime is greeted meanwhile: a page that is loading waits long for its lock.
    if (this.#lock) this.#hold();
    this.#open();
  }

  /** Says something behind the hello; before it the hello will say it. */
  post(message: ToWorker): void {
    if (this.#isGreeted) this.#port?.postMessage(message);
  }

  #hold(): void {
    navigator.locks
      .request(this.#lock, { signal: this.#ended.signal }, () => {
        this.#isHeld = true;
        this.post('held');
        return new Promise<void>((resolve) => {
          this.#release = resolve;
        });
      })
      .catch(() => {
        // Ended before the lock was there.
      });
  }

  /** The runtime said something, here or over a stream's channel: it lives, and is asked when it falls silent. */
  heard(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.post('sync');
      this.#expectAnswer();
    }, HEARTBEAT);
  }

  #expectAnswer(): void {
    const due = Date.now() + ANSWER_TIMEOUT;
    this.#deadline = setTimeout(() => {
      // Much too late: the machine slept or the page was frozen, and the answer is behind this timer.
      if (Date.now() - due > ANSWER_TIMEOUT) this.#expectAnswer();
      else this.#hangs();
    }, ANSWER_TIMEOUT);
  }

  /** Leaves at once. The link cannot be used again. */
  end(): void {
    this.#port?.postMessage('leave' satisfies ToWorker);
    clearTimeout(this.#deadline);
    clearTimeout(this.#asking);
    this.#generations.close();
    this.#ended.abort();
    this.#port?.close();
    this.#port = undefined;
    this.#release?.();
  }

  /** The stream works: what failed before does not count any more. */
  settled(): void {
    this.#restarts = 0;
  }

  #open(): void {
    if (this.#ended.signal.aborted) return;
    this.#expectAnswer();
    this.#ask();
  }

  #ask(): void {
    let alive = false;
    let port: MessagePort;
    try {
      port = this.openPort(this.#lock, this.#generation, (advice) => {
        // Firefox tells pages of later errors in the worker too; what follows from those, its lock says.
        if (this.#port === port && !alive) this.#restart(advice);
      });
    } catch {
      this.#restart(NO_WORKER);
      return;
    }
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (this.#port !== port) return;
      const isAnother = alive && data.type === 'alive';
      alive ||= data.type === 'alive';
      clearTimeout(this.#asking);
      // WebKit starts a worker again by itself: the port then leads to one that knows no tabs.
      if (isAnother) this.#restart();
      else this.#receive(data);
    };
    this.#isGreeted = false;
    this.events.greet(this.#lock, (hello) => {
      if (this.#port !== port) return;
      port.postMessage(hello);
      this.#isGreeted = true;
      if (this.#isHeld) this.post('held');
    });
    this.#asking = setTimeout(() => {
      // It may be slow and not lost: it is left before it is joined anew.
      this.post('leave');
      port.close();
      this.#ask();
    }, ASK_AGAIN);
  }

  #receive(message: FromWorker): void {
    if (message.type === 'failed') {
      this.#restart(
        `The WebAssembly did not start (${message.message}): check its URL and the CSP.`,
      );
    } else if (message.type === 'alive') {
      this.#worked = true;
      clearTimeout(this.#deadline);
      const { signal } = this.#ended;
      const port = this.#port;
      const freed = () => {
        if (this.#port === port) this.#restart();
      };
      if (message.lock) navigator.locks.request(message.lock, { signal }, freed).catch(() => {});
    } else {
      this.heard();
      this.events.message(message);
    }
  }

  /** The runtime does not answer, but lives: its name is given up, by every tab. */
  #hangs(): void {
    this.#generations.postMessage(this.#generation + 1);
    this.#moveOn(this.#generation + 1);
  }

  #moveOn(generation: number): void {
    this.#generation = generation;
    this.#restart();
  }

  /** Another runtime takes the place of one that died, hangs or did not load. */
  #restart(advice = 'The worker failed again and again: its console says why.'): void {
    this.#port?.close();
    this.#port = undefined;
    clearTimeout(this.#deadline);
    clearTimeout(this.#asking);
    this.#restarts += 1;
    if (this.#restarts === 1) {
      this.events.restarting();
      this.#open();
    } else if (this.#restarts > MAX_RESTARTS && !this.#worked) {
      this.#fail(advice);
    } else {
      const wait = Math.min(250 * 2 ** this.#restarts, MAX_WAIT);
      this.#deadline = setTimeout(() => this.#open(), wait);
      this.events.waiting(wait, advice);
    }
  }

  #fail(advice: string): void {
    this.end();
    this.events.failed(advice);
  }
}
