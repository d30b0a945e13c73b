import type { Resume } from '../worker/messages.js';

/**
 * A tab's place in the stream survives its own reload in `sessionStorage`, so that what was sent
 * meanwhile is not lost. See docs/decisions/001-a-reload-keeps-its-place.md.
 */
/** A reload takes seconds. An older place belongs to a tab that was restored or copied. */
const MAX_AGE = 60_000;

const keyOf = (stream: string): string => `tabcast:left:${stream}`;

/** What the page before the reload left behind, taken out of the storage so that no copy of the tab has it. */
const found = new Map<string, Resume | undefined>();

export function leaveBehind(stream: string, left: Resume): void {
  try {
    sessionStorage.setItem(keyOf(stream), JSON.stringify({ ...left, at: Date.now() }));
  } catch {
    // Storage is blocked or full: the reload then starts afresh, as it would without Tabcast.
  }
}

export function findBack(stream: string): Resume | undefined {
  if (!found.has(stream)) found.set(stream, take(stream));
  return found.get(stream);
}

/** The worker has placed the tab: what the page before left behind is spent. */
export function spend(stream: string): void {
  found.set(stream, undefined);
}

function take(stream: string): Resume | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(stream));
    sessionStorage.removeItem(keyOf(stream));
    const left: (Resume & { at: number }) | null = text === null ? null : JSON.parse(text);
    if (!left || Date.now() - left.at > MAX_AGE || !Array.isArray(left.recent)) return undefined;
    const { epoch, next, lastEventId, recent } = left;
    return { epoch, next, lastEventId, recent };
  } catch {
    return undefined;
  }
}
