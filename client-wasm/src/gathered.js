// @ts-check

/**
 * The events of an `EventSource`, gathered in JavaScript until WebAssembly takes them all at once:
 * to cross from one to the other costs more than the event itself.
 */
export class Gathered {
  /** @type {string[]} */
  #data = [];
  /** @type {string[]} */
  #ids = [];
  /** @type {number[]} */
  #types = [];
  /** @type {number[]} */
  #ends = [];
  #units = 0;
  #origin = '';
  #begun;

  /** @param {() => void} begun called when there is something again */
  constructor(begun) {
    this.#begun = begun;
  }

  /**
   * What is to be called with the events of the type that has this number.
   *
   * @param {number} type
   * @returns {(event: Event) => void}
   */
  listener(type) {
    return (event) => {
      // A server may call its events `open` and `error` too.
      if (event instanceof MessageEvent) this.#take(event, type);
    };
  }

  /**
   * @param {MessageEvent<string>} event
   * @param {number} type
   */
  #take(event, type) {
    const { data } = event;
    this.#units += data.length;
    this.#ends.push(this.#units);
    this.#ids.push(event.lastEventId);
    this.#types.push(type);
    if (this.#data.push(data) > 1) return;
    this.#origin = event.origin;
    this.#begun();
  }

  /** Where the events come from. */
  get origin() {
    return this.#origin;
  }

  /** All data, one behind the other. */
  get text() {
    return this.#data.join('');
  }

  /** Where in the text each event's data ends, in UTF-16 units. */
  get ends() {
    return this.#ends;
  }

  /** The number of each event's type. */
  get types() {
    return this.#types;
  }

  /** Each event's last event ID: a line, as it came. */
  get ids() {
    return this.#ids.join('\n');
  }

  clear() {
    this.#data = [];
    this.#ids = [];
    this.#types = [];
    this.#ends = [];
    this.#units = 0;
  }
}
