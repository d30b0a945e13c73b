/** What a case is given: the class to try, streams that answer as it says, and a record of events. */
let keys = 0;

export class Case {
  #sources = [];
  #waiting = () => {};
  /** What the sources dispatched: a message as its type and data, others with the `readyState`. */
  log = [];
  events = [];
  other = location.hash.slice(1);

  constructor(EventSource, tabcast) {
    this.EventSource = EventSource;
    this.tabcast = tabcast;
    this.run = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  }

  /** The URL of a stream that gives its requests these answers in turn. */
  stream(answers, origin = location.origin) {
    keys += 1;
    const key = `${this.run}-${keys}`;
    return `${origin}/stream?key=${key}&answers=${encodeURIComponent(JSON.stringify(answers))}`;
  }

  /** One answer with this body, which then stays open. */
  text(...body) {
    return this.stream([{ body, end: 'hold' }]);
  }

  /** What the server saw of a stream. */
  seen(stream) {
    return this.#ask('seen', stream);
  }

  /** Has a stream go on that waits in its body. */
  go(stream) {
    return this.#ask('go', stream);
  }

  async #ask(what, stream) {
    const key = new URL(stream).searchParams.get('key');
    return (await fetch(`/${what}?key=${key}`)).json();
  }

  open(url, init, types = []) {
    const source = new this.EventSource(url, init);
    this.#sources.push(source);
    for (const type of ['open', 'error', 'message', ...types]) {
      source.addEventListener(type, (event) => this.#note(source, event));
    }
    return source;
  }

  #note(source, event) {
    this.events.push(event);
    this.log.push(
      event instanceof MessageEvent
        ? `${event.type}: ${event.data}`
        : `${event.type} ${source.readyState}`,
    );
    this.#waiting();
  }

  /** Waits for so many events and gives the record. */
  async logged(count) {
    await new Promise((resolve) => {
      this.#waiting = () => this.log.length >= count && resolve();
      this.#waiting();
    });
    return this.log.slice(0, count);
  }

  /** Opens a stream and compares what it dispatches. */
  async expect(url, expected, init, types) {
    const source = this.open(url, init, types);
    this.equal(await this.logged(expected.length), expected);
    return source;
  }

  /** Waits until the server's view of a stream is as wanted: it can only be asked for. */
  async untilSeen(stream, test) {
    for (;;) {
      const seen = await this.seen(stream);
      if (test(seen)) return seen;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** What can be waited for that nothing happens: until a whole exchange with the server is over. */
  async aWhile(exchanges = 3) {
    for (let left = exchanges; left; left -= 1) await this.seen(this.stream([]));
  }

  equal(actual, expected) {
    const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
    if (a !== b) throw new Error(`got ${a} and not ${b}`);
  }

  ok(value, what) {
    if (!value) throw new Error(what);
  }

  throws(call, name) {
    try {
      call();
    } catch (error) {
      this.equal(error.name, name);
      return error;
    }
    throw new Error(`threw nothing, and not a ${name}`);
  }

  end() {
    for (const source of this.#sources) source.close();
  }
}
