/** How many IDs are remembered, the latest. */
const MAX_RECENT = 256;

/**
 * The IDs of the events that a tab saw lately. By them it knows again what another life of the
 * stream gives once more because it began behind the tab. Pure.
 */
export class Seen {
  /** No fewer than are asked for. */
  readonly #recent: string[];
  /** What was seen in earlier lives of the stream, and has not come again. */
  #earlier = new Set<string>();
  /** The ID of the event before, which one without its own inherits. */
  #last = '';

  constructor(recent: readonly string[] = []) {
    this.#recent = [...recent];
  }

  get recent(): readonly string[] {
    return this.#recent.slice(-MAX_RECENT);
  }

  /** Another life of the stream begins, with this for its last event ID. */
  begin(lastEventId: string): void {
    this.#earlier = new Set(this.recent);
    this.#last = nameIn(lastEventId);
  }

  /** The next event comes. True where the tab saw it before. */
  isRepeat(id: string): boolean {
    const name = nameIn(id);
    const isInherited = name === this.#last;
    this.#last = name;
    if (isInherited || name === '') return false;
    if (this.#earlier.size > 0 && this.#earlier.delete(name)) return true;
    // Not `shift`, which moves all of them for each event.
    if (this.#recent.push(name) > 2 * MAX_RECENT) this.#recent.splice(0, MAX_RECENT);
    return false;
  }
}

/** What names the event in an ID: as in core/src/cursor.rs. */
function nameIn(id: string): string {
  const tail = id.lastIndexOf('~');
  return tail >= 0 && id.startsWith('~sent=', tail) ? id.slice(0, tail) : id;
}
