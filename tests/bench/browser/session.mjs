import { say } from '../../../scripts/lib/log.mjs';
import { median } from '../statistics.mjs';
import { contestantsOf, EVENTSOURCE, WARM_UP, WITHOUT_PEERS } from './plan.mjs';
import { cpuBetween, cpuByProcess, megabytes } from './processes.mjs';

/** One browser and its tabs, of which the first leads. */
export class Session {
  #handles = [];
  #runs = 0;

  constructor(
    driver,
    /** The origin of the pages. */
    pages,
    /** The origins of the streams. */
    streams,
    /** The server's process, which is not the browser's. */
    load,
  ) {
    this.driver = driver;
    this.pages = pages;
    this.urls = streams.map((origin) => `${origin}/`);
    this.load = load;
  }

  get tabs() {
    return this.#handles.length;
  }

  /** Opens tabs until there are so many. */
  async haveTabs(count) {
    while (this.tabs < count) {
      if (this.tabs > 0) await this.driver.switchTo().newWindow('tab');
      await this.driver.get(`${this.pages}/?tab=${this.tabs}`);
      await this.driver.wait(
        () => this.driver.executeScript('return Boolean(window.bench)'),
        20_000,
      );
      this.#handles.push(await this.driver.getWindowHandle());
    }
    await this.#lead();
  }

  /**
   * Each contestant's rates, in turn, round by round. A peer whose events do not come once and in
   * order is left out.
   *
   * @param {{count: number, size: number, write: number, rounds: number, streams?: number,
   *   types?: number, names?: string[]}} what
   */
  async throughput({ count, rounds, names = contestantsOf(this.tabs), ...shape }) {
    const results = Object.fromEntries(
      names.map((name) => [name, { rates: [], cpu: [], parts: [] }]),
    );
    const warmUp = Math.min(count, WARM_UP);
    const attempt = async (name, count) => {
      try {
        return await this.#run(name, { ...shape, count });
      } catch (error) {
        if (WITHOUT_PEERS.includes(name)) throw error;
        say('bench', `${name} is left out: ${error.message}`);
        delete results[name];
        await this.#call('close');
        return undefined;
      }
    };
    for (const name of names) await attempt(name, warmUp);
    for (let round = 0; round < rounds; round++) {
      for (const name of Object.keys(results)) {
        const ran = await attempt(name, count);
        if (!ran) continue;
        results[name].rates.push(ran.rate);
        results[name].cpu.push((ran.cpu.all / count) * 10_000);
        results[name].parts.push(ran.cpu);
      }
    }
    return { tabs: this.tabs, count, ...shape, results };
  }

  /** Does something in the tab that was opened last, which is in the background otherwise. */
  async inLast(work) {
    await this.driver.switchTo().window(this.#handles.at(-1));
    const done = await work();
    await this.#lead();
    return done;
  }

  /** Another URL for each run: what one leaves behind is nothing to the next. */
  #command(name, more) {
    this.#runs += 1;
    return { name, urls: this.urls.map((url) => `${url}?run=${this.#runs}`), count: 0, ...more };
  }

  /** Milliseconds from the server's write to the listener, at 200 events in a second. */
  async latency(rounds) {
    const results = Object.fromEntries(WITHOUT_PEERS.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const name of WITHOUT_PEERS) {
        const { latencies } = await this.#run(name, { count: 400, size: 100, rate: 200 });
        // The first are the connection's warming up.
        results[name].push(...latencies.flatMap((all) => all.slice(40)));
      }
    }
    return { tabs: this.tabs, results };
  }

  /** Milliseconds from the only tab's script to an open stream, the worker to be started. */
  async starts(count) {
    const results = Object.fromEntries(WITHOUT_PEERS.map((name) => [name, []]));
    // One round counts for nothing: the browser's caches are to be full for all.
    for (let round = -1; round < count; round++) {
      for (const name of WITHOUT_PEERS) {
        const [url] = this.#command(name).urls;
        // A worker of its own for each round: the one before may live a while.
        const asked = new URLSearchParams({ tab: '-1', start: name, url, round: String(round) });
        await this.driver.get(`${this.pages}/?${asked}`);
        const started = () => this.driver.executeScript('return window.started ?? null');
        const time = await this.driver.wait(started, 20_000);
        if (round >= 0) results[name].push(time);
      }
    }
    return results;
  }

  /** Milliseconds from a new tab's script to its first status, with the worker running. */
  async joins(count) {
    const name = EVENTSOURCE;
    const command = this.#command(name);
    await this.#call('open', 1, command, 'leader');
    const times = [];
    for (let i = 0; i < count; i++) {
      await this.driver.switchTo().newWindow('tab');
      await this.driver.get(`${this.pages}/?tab=-1&join=${encodeURIComponent(command.urls[0])}`);
      const joined = () => this.driver.executeScript('return window.joined ?? null');
      times.push(await this.driver.wait(joined, 20_000));
      await this.driver.close();
      await this.#lead();
    }
    await this.#call('close');
    return times;
  }

  /** Megabytes that each of `more` tabs adds to the browser when it joins. */
  async memory(more) {
    const name = EVENTSOURCE;
    await this.haveTabs(1 + more);
    const added = [];
    for (let round = 0; round < 3; round++) {
      const command = this.#command(name);
      await this.#call('open', 1, command, 'leader');
      const before = megabytes([this.load]);
      await this.#call('open', this.tabs - 1, command, 'others');
      added.push((megabytes([this.load]) - before) / (this.tabs - 1));
      await this.#call('close');
    }
    return median(added);
  }

  async #run(name, { count, size, rate = 0, write = 1, streams = 1, types = 0 }) {
    const { tabs } = this;
    const timed = Boolean(rate);
    await this.#call('open', tabs, this.#command(name, { count, timed, streams, types }));
    const before = cpuByProcess([this.load]);
    const { start, ends } = await this.#call('run', tabs, {
      name,
      count,
      size,
      rate,
      write,
      types,
    });
    const cpu = cpuBetween(before, cpuByProcess([this.load]));
    await this.#call('close');
    const seconds = (Math.max(...ends.map(({ end }) => end)) - start) / 1_000;
    return { rate: count / seconds, cpu, latencies: ends.map(({ latencies }) => latencies) };
  }

  #lead() {
    return this.driver.switchTo().window(this.#handles[0]);
  }

  async #call(method, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve(window.bench[arguments[0]](...arguments[1]))
        .then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.driver.executeAsyncScript(script, method, args);
    if (error) throw new Error(`${args[1]?.name ?? method}: ${error}`);
    return value;
  }
}
