import { connect } from '/tabcast/index.js';
import { Heartbeats, History } from './lately.js';
import { Neighbours } from './neighbours.js';

/** `EventSource` gives only the types that were asked for, so the server's own are named. */
const SYSTEM_TYPES = ['connection_confirmed', 'gap', 'superseded', 'message'];
/** The heartbeat's usual interval, in milliseconds, as an earlier stream learned it. */
const USUAL = 'tabcast-www:heartbeat';

/** This tab's share in the stream, and what was seen of it. */
export class Live {
  #stream;
  #neighbours;
  #messageTypes;
  #heard = new Set();

  /** Since when the stream is open, as this tab knows. */
  openSince = null;
  /** The confirmation of the connection that is open now. */
  confirmed = null;
  /** When the last heartbeat of this connection came. */
  heartbeat = null;
  messages = { count: 0, at: null, chat: null };
  /** When something else than a heartbeat came last. */
  lastEventAt = null;
  /** How the connections before this one ended. */
  history = new History();
  heartbeats = new Heartbeats();
  usualInterval = Number(localStorage.getItem(USUAL)) || null;

  /**
   * `settings` has the connection's `options`, its `url`, and the `types` that messages come as.
   * `on` has `change()`, `event(event)`, `message(payload, at)` and `gap(gap)`.
   * Throws a `TabcastError` where a setting is wrong.
   */
  constructor(session, settings, on) {
    this.#messageTypes = settings.types;
    this.#neighbours = new Neighbours(session.user.id, {
      have: () => this.confirmed,
      learn: (confirmed) => {
        if (this.openSince && !this.confirmed) this.confirmed = { ...confirmed, elsewhere: true };
        on.change();
      },
    });
    const stream = connect(settings.url, { token: () => session.forStream(), ...settings.options });
    this.#stream = stream;
    this.listenFor(SYSTEM_TYPES);
    for (const type of ['*', 'ping']) {
      stream.on(type, (event) => {
        if (type === '*') this.lastEventAt = event.receivedAt;
        on.event(event);
        on.change();
      });
    }
    stream.on('ping', (event) => {
      this.heartbeat = event.receivedAt;
      this.#beat(event, false);
    });
    stream.on('connection_confirmed', (event) => {
      this.confirmed = { ...event.json(), at: event.receivedAt };
      this.#beat(event, true);
    });
    for (const type of settings.types) {
      stream.on(type, (event) => {
        const payload = asMessage(event);
        if (!payload) return;
        const { count } = this.messages;
        this.messages = { count: count + 1, at: event.receivedAt, chat: payload.chat_id };
        on.message(payload);
      });
    }
    stream.onGap(on.gap);
    stream.onStatus((status) => {
      this.history.add(status, Date.now());
      this.#watch(status.state);
      on.change();
    });
  }

  /** For the inspector, which looks at the same stream. */
  get stream() {
    return this.#stream;
  }

  /** The types that chat messages are listened for as. */
  get types() {
    return this.#messageTypes;
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

  /** Has events of these types shown, whatever is in them. */
  listenFor(types) {
    for (const type of types) {
      if (!this.#heard.has(type)) this.#stream.on(type, () => {});
      this.#heard.add(type);
    }
  }

  reconnect() {
    this.history.forget();
    this.#stream.reconnect();
  }

  close() {
    this.#stream.close();
    this.#neighbours.close();
  }

  #beat(event, isFirst) {
    this.heartbeats.add(Date.parse(event.json().timestamp), event.receivedAt, isFirst);
    const interval = this.heartbeats.interval();
    if (!interval || interval === this.usualInterval) return;
    this.usualInterval = interval;
    localStorage.setItem(USUAL, String(interval));
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

/** A chat message, where it is one: an event of that type may be anybody's. */
function asMessage(event) {
  try {
    const payload = event.json();
    return payload?.message ? payload : null;
  } catch {
    return null;
  }
}
