/** How many IDs are remembered, the latest: four times what a worker goes back. */
const MAX_RECENT = 256;
/** How many IDs of before are known again. */
const MAX_EARLIER = 2 * MAX_RECENT;

/**
 * The IDs of the events that a tab saw lately. By them it knows again what another life of the
 * stream gives once more because it began behind the tab. Pure.
 * See docs/decisions/020-a-stream-goes-back.md.
 */
export class Seen {
  /** Of consecutive events up to the tab's place, in the server's order; no fewer than are asked for. */
  #recent: string[];
  /** What names the events that are behind the tab, or lost to it, if they should come. */
  readonly #earlier = new Set<string>();

  constructor(recent: readonly string[] = []) {
    this.#recent = [...recent];
  }

  get recent(): readonly string[] {
    return this.#recent.slice(-MAX_RECENT);
  }

  /**
   * Another life of the stream begins, in which these IDs are behind the tab; `lost` where what
   * the tab lacks before them cannot be had.
   */
  begin(before: readonly string[], lost: boolean): void {
    if (this.#recent.length > 0) this.#know([...this.recent, ...before]);
    if (this.#recent.length === 0 || lost) this.#recent = [...before];
  }

  /**
   * The next event comes, behind one with the ID `before`, which it inherits where it has none of
   * its own. True where the tab saw it before.
   */
  isRepeat(id: string, before: string): boolean {
    if (id === before || id === '') return false;
    if (this.#earlier.size > 0 && this.#earlier.has(nameIn(id))) return true;
    // Not `shift`, which moves all of them for each event.
    if (this.#recent.push(id) > 2 * MAX_RECENT) this.#recent.splice(0, MAX_RECENT);
    return false;
  }

  /** Events are missing: what came before them does not lead on to what comes. */
  skip(): void {
    this.#know(this.recent);
    this.#recent = [];
  }

  /** Whether the event of this ID is behind the tab. */
  has(id: string): boolean {
    return this.#earlier.has(nameIn(id)) || this.recent.includes(id);
  }

  #know(ids: readonly string[]): void {
    for (const id of ids) this.#earlier.add(nameIn(id));
    for (const oldest of this.#earlier) {
      if (this.#earlier.size <= MAX_EARLIER) break;
      this.#earlier.delete(oldest);
    }
  }
}

/** What names the event in an ID: as in core/src/cursor.rs. */
function nameIn(id: string): string {
  const tail = id.lastIndexOf('~');
  return tail >= 0 && id.startsWith('~sent=', tail) ? id.slice(0, tail) : id;
}
