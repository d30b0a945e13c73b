/** What went wrong on the way here, lately: pure, fed with times. */

/** For so long, in milliseconds, what happened counts as recent. */
const RECENT = 30_000;
const KEPT = 100;

/** A stream that stays open for so long, in milliseconds, has got over what ended it before. */
const SETTLED = 5_000;
/** What can end a stream again as soon as it is open. */
const RELAPSING = ['cut', 'silent', 'muted', 'too-large'];

/** How the connections before this one ended. */
export class History {
  #entries = [];
  #openSince = null;
  /** What follows from one failure, a wait and another attempt, is no other failure. */
  #failing = false;

  /** A status came. */
  add({ state, reason }, now) {
    if (state === 'open') {
      if (!this.#openSince) this.#openSince = now;
      this.#failing = false;
      return;
    }
    if (reason && !this.#failing) {
      const lasted = this.#openSince ? now - this.#openSince : 0;
      this.#entries.push({ reason, at: now, lasted });
      if (this.#entries.length > KEPT) this.#entries.shift();
      this.#failing = true;
    }
    this.#openSince = null;
  }

  /** What ended the connection before this one, as long as it may end this one too. */
  relapse(now) {
    const last = this.#entries.at(-1);
    if (!last || !RELAPSING.includes(last.reason)) return null;
    // Once is no habit: servers restart.
    if (last.reason === 'cut' && this.count('cut', now) < 2) return null;
    const open = this.#openSince ? now - this.#openSince : 0;
    return open < Math.max(SETTLED, last.lasted * 1.5) ? last.reason : null;
  }

  /** A fresh start: what was before says nothing of what comes. */
  forget() {
    this.#entries = [];
  }

  /** How often it ended so. */
  count(reason, now) {
    return this.#entries.filter((entry) => entry.reason === reason && now - entry.at < RECENT)
      .length;
  }
}

/** Sent at least so far apart, in milliseconds, two heartbeats do not come together by chance. */
const APART = 400;

/** Heartbeats that were sent apart and come together were held back on their way. */
export class Heartbeats {
  #came = [];

  /**
   * When the server sent one, or the first event of a connection, and when it came: each by its own
   * clock.
   */
  add(sentAt, receivedAt, isFirst) {
    if (!Number.isFinite(sentAt)) return;
    this.#came.push({ sentAt, receivedAt, isFirst });
    if (this.#came.length > KEPT) this.#came.shift();
  }

  /** For how many milliseconds the first of the last burst was held back at least, if it was lately. */
  heldBack(now) {
    let held = 0;
    let single = 0;
    for (let index = this.#came.length - 1; index > 0; index--) {
      const [before, after] = [this.#came[index - 1], this.#came[index]];
      const sent = after.sentAt - before.sentAt;
      if (now - after.receivedAt > RECENT) break;
      if (sent < APART) continue;
      if (after.receivedAt - before.receivedAt < sent / 10) held += sent;
      else if (held) break;
      // Two that came one by one are through.
      else if (++single === 2) break;
    }
    return held || null;
  }

  /** The time from one to the next of a connection, in milliseconds: the median of the last few. */
  interval() {
    const apart = [];
    for (const [index, { sentAt, isFirst }] of this.#came.entries()) {
      const before = this.#came[index - 1];
      if (before && !isFirst && !before.isFirst) apart.push(sentAt - before.sentAt);
    }
    const last = apart.slice(-5).sort((a, b) => a - b);
    return last[last.length >> 1] ?? null;
  }
}
