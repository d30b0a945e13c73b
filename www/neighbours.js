/**
 * The other tabs of this page with the same user: a tab that joins an open stream learns from them
 * what came before it.
 */
export class Neighbours {
  #name;
  #on;
  #channel;
  #ended = new AbortController();

  /** `on` has `have()`, what this tab can tell, and `learn(told)`. */
  constructor(user, on) {
    this.#name = `tabcast-www/${user}`;
    this.#on = on;
    this.#open();
    // A page in the back/forward cache must not be listening.
    const { signal } = this.#ended;
    addEventListener('pagehide', () => this.#channel.close(), { signal });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#open(), { signal });
  }

  ask() {
    this.#channel.postMessage({ ask: true });
  }

  close() {
    this.#ended.abort();
    this.#channel.close();
  }

  #open() {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => {
      if (data.told) this.#on.learn(data.told);
      const told = data.ask && this.#on.have();
      if (told) this.#channel.postMessage({ told });
    };
  }
}
