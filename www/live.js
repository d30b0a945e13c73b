import { connect } from '/tabcast/index.js';
import { Neighbours } from './neighbours.js';

/** `EventSource` gives only the types that were asked for, so the server's are named. */
const TYPES = ['connection_confirmed', 'new_message', 'gap', 'superseded', 'message'];

/** This tab's share in the stream, and what was seen of it. */
export class Live {
  #stream;
  #neighbours;

  /** Since when the stream is open, as this tab knows. */
  openSince = null;
  /** The confirmation of the connection that is open now. */
  confirmed = null;
  /** When the last heartbeat of this connection came. */
  heartbeat = null;
  messages = { count: 0, at: null, chat: null };

  /** `on` has `change()`, `event(event)`, `message(payload, at)` and `gap(gap)`. */
  constructor(session, on) {
    this.#neighbours = new Neighbours(session.user.id, {
      have: () => this.confirmed,
      learn: (confirmed) => {
        if (this.openSince && !this.confirmed) this.confirmed = { ...confirmed, elsewhere: true };
        on.change();
      },
    });
    const stream = connect('/events', {
      token: () => session.forStream(),
      poll: { url: '/api/v1/sse/messages/pending' },
    });
    this.#stream = stream;
    for (const type of TYPES) stream.on(type, () => {});
    for (const type of ['*', 'ping']) {
      stream.on(type, (event) => {
        on.event(event);
        on.change();
      });
    }
    stream.on('ping', ({ receivedAt }) => {
      this.heartbeat = receivedAt;
    });
    stream.on('connection_confirmed', (event) => {
      this.confirmed = { ...event.json(), at: event.receivedAt };
    });
    stream.on('new_message', (event) => {
      const payload = event.json();
      const { count } = this.messages;
      this.messages = { count: count + 1, at: event.receivedAt, chat: payload.chat_id };
      on.message(payload);
    });
    stream.onGap(on.gap);
    stream.onStatus(({ state }) => {
      this.#watch(state);
      on.change();
    });
  }

  get url() {
    return this.#stream.url;
  }

  get status() {
    return this.#stream.status;
  }

  /** Whether this tab is in the stream, be it open or not. */
  get joined() {
    return !['left', 'worker-failed', 'unsupported'].includes(this.status.reason);
  }

  reconnect() {
    this.#stream.reconnect();
  }

  close() {
    this.#stream.close();
    this.#neighbours.close();
  }

  #watch(state) {
    if (state === 'open' && !this.openSince) {
      this.openSince = Date.now();
      // Whoever joins an open stream has missed its first event; the tab that opened it has not.
      if (!this.confirmed) this.#neighbours.ask();
    } else if (state !== 'open' && this.openSince) {
      this.openSince = null;
      this.confirmed = null;
      this.heartbeat = null;
    }
  }
}
