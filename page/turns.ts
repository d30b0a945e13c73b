import { Ledger } from './ledger.js';
import { isVisible } from './lifecycle.js';
import type { TabEvent } from './types.js';

/**
 * How long visible tabs may take over an event before a hidden one tries, in milliseconds: it may
 * have the event alone, because they registered later.
 */
const PATIENCE = 3_000;
/** How often a hidden tab looks whether there is still a visible one, in milliseconds. */
const LOOK_AGAIN = 250;
/** How many events may wait. */
const MAX_WAITING = 1_024;

/** A listener of which one tab is to run each event. */
export interface Job {
  readonly type: string;
  readonly listener: (event: TabEvent) => unknown;
  /** It was taken off: what waits for it is left to other tabs. */
  off: boolean;
}

/** An event of the stream. */
export interface Item {
  /** The same in each tab, and of no other event. */
  readonly mark: string;
  readonly event: TabEvent;
}

interface Waiting extends Item {
  readonly jobs: Job[];
  /** When it came, by the page's clock. */
  readonly at: number;
}

/**
 * The tabs that listen for the events of one name take turns: a Web Lock of that name lets one of
 * them run at a time, and a ledger tells the next one what is done. A tab that dies in the middle
 * frees the lock and has written nothing, so that another one runs the event again.
 *
 * See docs/decisions/025-one-tab-runs-it.md.
 */
export class Turns {
  #waiting: Waiting[] = [];
  /** The newest event that there was no room for while another tab may have been at it. */
  #dropped: string | undefined;
  #running = false;
  #holdsLock = false;
  /** Gives up the requests for locks. A page in the back/forward cache must not be granted one. */
  #away = new AbortController();
  /** Ends a pause. */
  #stopWaiting = () => {};
  #hide = () => {};
  readonly #ended = new AbortController();

  constructor(
    private readonly name: string,
    /** Told where an event was dropped that no tab had run. */
    private readonly overflow: () => void,
  ) {
    const { signal } = this.#ended;
    document.addEventListener('visibilitychange', () => this.#showOrHide(), { signal });
    addEventListener('pagehide', () => this.#leave(), { signal });
    addEventListener('pageshow', () => this.#return(), { signal });
    this.#showOrHide();
  }

  take(job: Job, { mark, event }: Item): void {
    const last = this.#waiting.at(-1);
    if (last?.mark === mark) last.jobs.push(job);
    else this.#waiting.push({ mark, event, jobs: [job], at: performance.now() });
    if (this.#waiting.length > MAX_WAITING) this.#drop();
    this.#run();
  }

  /** What waits is left to other tabs; a listener that runs comes to its end. */
  end(): void {
    this.#ended.abort();
    this.#waiting = [];
    this.#leave();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const { signal } = this.#away;
    try {
      while (this.#waiting.length > 0 && !signal.aborted) {
        await this.#letVisibleTabsGoFirst();
        const next = await navigator.locks.request(this.name, { signal }, () => this.#work());
        // What it would run next would be broken off as well, in WebKit; other tabs can.
        if (next === 'left to others') await this.#pause(PATIENCE);
      }
    } catch (error) {
      if (!signal.aborted) reportError(error);
    }
    this.#running = false;
    // The page was away meanwhile, and is back.
    if (signal !== this.#away.signal) this.#run();
  }

  /** Runs what waits, as long as it is this tab's turn. The lock is held. */
  async #work(): Promise<'done' | 'left to others'> {
    const ledger = await Ledger.read(this.name);
    if (this.#dropped !== undefined && !ledger.has(this.#dropped)) this.overflow();
    this.#dropped = undefined;
    this.#holdsLock = true;
    try {
      for (let item = this.#waiting[0]; item; item = this.#waiting[0]) {
        if (this.#away.signal.aborted) break;
        if (!ledger.has(item.mark)) {
          if (this.#patience(item) > 0 && (await this.#othersAreVisible())) break;
          const outcome = await runAll(item, this.#away.signal);
          if (outcome === 'broken off' && !this.#ended.signal.aborted) return 'left to others';
          if (outcome !== 'nobody') await ledger.add(item.mark);
        }
        // Unless the stream was left while it ran.
        if (this.#waiting[0] === item) this.#waiting.shift();
      }
      return 'done';
    } finally {
      this.#holdsLock = false;
    }
  }

  #drop(): void {
    // The first one is running.
    const [dropped] = this.#waiting.splice(this.#holdsLock ? 1 : 0, 1);
    if (this.#holdsLock) this.overflow();
    else this.#dropped = dropped?.mark;
  }

  #leave(): void {
    this.#away.abort();
    this.#stopWaiting();
    this.#hide();
  }

  #return(): void {
    if (!this.#away.signal.aborted) return;
    this.#away = new AbortController();
    this.#showOrHide();
    this.#run();
  }

  /** A visible tab is known to the others by a lock that it shares with the other visible ones. */
  #showOrHide(): void {
    this.#hide();
    if (!isVisible() || this.#away.signal.aborted) return;
    const hidden = new Promise<void>((resolve) => {
      this.#hide = resolve;
    });
    navigator.locks
      .request(this.#visibleTabs, { mode: 'shared' }, () => hidden)
      .catch(() => {
        // The page is going away.
      });
    this.#stopWaiting();
  }

  get #visibleTabs(): string {
    return `${this.name}/visible`;
  }

  /** Returns once no tab is visible, this one is, or the visible ones have had their chance. */
  async #letVisibleTabsGoFirst(): Promise<void> {
    for (let [first] = this.#waiting; first; [first] = this.#waiting) {
      const patience = this.#patience(first);
      // Asked for again and again: in Chromium a request that waited in the lock's queue and was
      // given up can leave those behind it there.
      if (patience <= 0 || !(await this.#othersAreVisible())) return;
      await this.#pause(Math.min(patience, LOOK_AGAIN));
      if (this.#away.signal.aborted) return;
    }
  }

  /** Waits so long, in milliseconds, or until the page is shown or goes. */
  #pause(time: number): Promise<void> {
    return new Promise((resolve) => {
      this.#stopWaiting = resolve;
      setTimeout(resolve, time);
    });
  }

  /** For how long this tab leaves the event to visible ones, if there are any. */
  #patience({ at }: Waiting): number {
    return isVisible() ? 0 : at + PATIENCE - performance.now();
  }

  #othersAreVisible(): Promise<boolean> {
    return navigator.locks.request(
      this.#visibleTabs,
      { ifAvailable: true },
      (lock) => lock === null,
    );
  }
}

/**
 * Runs an event's listeners one after the other: `nobody` where all were taken off, `broken off`
 * where one failed while the page was going, which breaks its requests off.
 *
 * @param away aborted once the page is hidden for good or for the back/forward cache
 */
async function runAll(
  { event, jobs }: Waiting,
  away: AbortSignal,
): Promise<'nobody' | 'done' | 'broken off'> {
  let ran = false;
  let failed = false;
  let leaving = false;
  const leave = () => {
    leaving = true;
  };
  // Firefox and WebKit break requests off where a navigation begins, long before `pagehide`.
  // Listened for only now, because it can keep a page out of the back/forward cache.
  addEventListener('beforeunload', leave);
  for (const { off, listener } of jobs) {
    if (off) continue;
    ran = true;
    try {
      await listener(event);
    } catch (error) {
      failed = true;
      reportError(error);
    }
  }
  removeEventListener('beforeunload', leave);
  if (failed && (leaving || away.aborted)) return 'broken off';
  return ran ? 'done' : 'nobody';
}
