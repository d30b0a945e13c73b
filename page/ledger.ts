import { access, type Database } from './database.js';

const ledgers: Database = { name: 'tabcast-once', store: 'ledgers', index: 'at' };

/** How many marks a ledger keeps, and how many characters they may have in sum. */
const MAX_MARKS = 1_024;
const MAX_CHARACTERS = 65_536;
/** A ledger that nothing was added to for so long is forgotten, in milliseconds. */
const MAX_AGE = 7 * 24 * 3_600_000;

/** A ledger as it is stored; `at` is when it was written, in milliseconds of Unix time. */
interface Entry {
  at: number;
  marks: string[];
}

/** Which events were run, by their marks: for the next tab to read, also after a crash. */
export class Ledger {
  readonly #name: string;
  readonly #marks: string[];
  readonly #known: Set<string>;

  /** Reads the ledger of this name. Only who holds the lock of that name may. */
  static async read(name: string): Promise<Ledger> {
    const entry = await access<Entry>(ledgers, 'readonly', (store) => store.get(name));
    return new Ledger(name, entry?.marks ?? []);
  }

  private constructor(name: string, marks: string[]) {
    this.#name = name;
    this.#marks = marks;
    this.#known = new Set(marks);
  }

  has(mark: string): boolean {
    return this.#known.has(mark);
  }

  async add(mark: string): Promise<void> {
    this.#known.add(mark);
    this.#marks.push(mark);
    let characters = this.#marks.reduce((sum, { length }) => sum + length, 0);
    while (
      this.#marks.length > MAX_MARKS ||
      (characters > MAX_CHARACTERS && this.#marks.length > 1)
    ) {
      characters -= this.#marks.shift()?.length ?? 0;
    }
    const entry: Entry = { at: Date.now(), marks: this.#marks };
    const written = await access(ledgers, 'readwrite', (store) => store.put(entry, this.#name));
    if (written === undefined) warnOnce();
    else forgetOldOnce();
  }
}

let warned = false;

function warnOnce(): void {
  if (warned) return;
  warned = true;
  console.warn(
    'tabcast: IndexedDB is blocked or full: another tab may run again what oncePerBrowser ran here.',
  );
}

let forgotten = false;

/** Ledgers of users and event types of long ago. */
async function forgetOldOnce(): Promise<void> {
  if (forgotten) return;
  forgotten = true;
  const old = IDBKeyRange.upperBound(Date.now() - MAX_AGE);
  const names = await access(ledgers, 'readonly', (store) => store.index('at').getAllKeys(old));
  for (const name of names ?? []) {
    await access(ledgers, 'readwrite', (store) => store.delete(name));
  }
}
