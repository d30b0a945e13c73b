import * as api from './api.js';

/** How long a message may take to come back, in milliseconds: longer than polling takes. */
const LATE = 6_000;
const KEPT = 100;

/** The messages that this tab has sent, each from waiting to delivered. */
export class Outbox {
  #session;
  #changed;
  #place;
  #entries = [];
  #accepted = 0;
  #delivered = 0;

  /** `place` gives the last event ID: what is sent then comes behind it. */
  constructor(session, changed, place) {
    this.#session = session;
    this.#changed = changed;
    this.#place = place;
  }

  async send(chat, content) {
    const entry = {
      ref: crypto.randomUUID(),
      content,
      state: 'sending',
      after: this.#place(),
      sentAt: performance.now(),
    };
    this.#keep(entry);
    this.#changed();
    try {
      await api.postMessage(this.#session.token, chat, content, entry.ref);
      this.#accept(entry);
      if (entry.state === 'sending') entry.state = 'waiting';
    } catch (error) {
      // It may have been accepted all the same, and come back.
      if (entry.state === 'sending')
        Object.assign(entry, { state: 'failed', error: error.message });
    }
    this.#changed();
  }

  /** A message came through the stream: is it one of these? */
  came({ message }) {
    const entry = this.#entries.find(({ ref }) => ref === message.client_ref);
    if (!entry || entry.state === 'delivered') return;
    this.#accept(entry);
    this.#delivered += 1;
    entry.state = 'delivered';
    entry.took = performance.now() - entry.sentAt;
  }

  /** The one that is missed for longest. */
  missed() {
    return this.#entries.find(isLate);
  }

  /** The newest ones, newest first. */
  latest(count) {
    return this.#entries.slice(-count).reverse();
  }

  summary() {
    const inState = (state) => this.#entries.filter((entry) => entry.state === state);
    const waiting = inState('waiting');
    const took = inState('delivered').map((entry) => entry.took);
    const last = this.#entries.at(-1);
    return {
      accepted: this.#accepted,
      delivered: this.#delivered,
      sending: inState('sending').length,
      waiting: waiting.length,
      late: waiting.filter(isLate).length,
      error: last?.state === 'failed' ? last.error : null,
      median: took.sort((a, b) => a - b)[took.length >> 1],
    };
  }

  // What is under way is kept, however much it is.
  #keep(entry) {
    const finished = ({ state }) => state === 'delivered' || state === 'failed';
    const old = this.#entries.length - KEPT;
    const kept = this.#entries.filter((other, index) => index > old || !finished(other));
    this.#entries = [...kept, entry];
  }

  // By the server's answer or by the message itself, whichever comes first.
  #accept(entry) {
    if (entry.accepted) return;
    entry.accepted = true;
    this.#accepted += 1;
  }
}

const isLate = ({ state, sentAt }) => state === 'waiting' && performance.now() - sentAt > LATE;
