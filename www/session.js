import * as api from './api.js';

/**
 * `sessionStorage` outlives a reload and is copied into the tabs that this one opens, and two tabs
 * can still be two users.
 */
const KEY = 'tabcast-www:session';

/** Whoever is logged in in this tab. Its token is seen by nobody but the server. */
export class Session {
  #token;
  #expiresAt;
  /** The token that the stream was given last: asked again, it must have been rejected. */
  #given;
  #refreshing;
  #timer;
  #over = false;
  #ended = () => {};

  static async logIn(email, password) {
    return new Session().#take(await api.logIn(email, password));
  }

  static restore() {
    try {
      const { token, expiresAt, user } = JSON.parse(sessionStorage.getItem(KEY));
      return expiresAt > Date.now() ? new Session().#set(token, expiresAt, user) : null;
    } catch {
      return null;
    }
  }

  get token() {
    return this.#token;
  }

  /** Calls `listener` when the server no longer takes the token and a new log-in is needed. */
  onEnded(listener) {
    this.#ended = listener;
  }

  /** The token for the stream: what is at hand, or a fresh one where that was used before. */
  async forStream() {
    if (this.#token === this.#given) await this.#refresh();
    this.#given = this.#token;
    return this.#token;
  }

  end() {
    clearTimeout(this.#timer);
    this.#over = true;
    sessionStorage.removeItem(KEY);
  }

  #take({ access_token: token, expires_in: seconds, user }) {
    return this.#set(token, Date.now() + seconds * 1000, user);
  }

  #set(token, expiresAt, user) {
    this.#token = token;
    this.#expiresAt = expiresAt;
    this.user = user;
    sessionStorage.setItem(KEY, JSON.stringify({ token, expiresAt, user }));
    this.#keepFresh();
    return this;
  }

  /** Only a valid token can be refreshed, so it is done well before the end. */
  #keepFresh() {
    clearTimeout(this.#timer);
    const left = this.#expiresAt - Date.now();
    const refresh = () =>
      this.#refresh().catch(({ status }) => {
        // Without an answer, half of what is left is time to try again.
        if (status !== 401 && !this.#over) this.#keepFresh();
      });
    this.#timer = setTimeout(refresh, Math.max(left / 2, 1000));
  }

  #refresh() {
    this.#refreshing ??= this.#fetchFresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #fetchFresh() {
    try {
      const fresh = await api.refresh(this.#token);
      // The user may have logged out meanwhile.
      if (!this.#over) this.#take(fresh);
    } catch (error) {
      if (error.status === 401 && !this.#over) this.#ended();
      throw error;
    }
  }
}
