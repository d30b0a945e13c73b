/**
 * With the host `page` each page is a client of its own to the server. The page that takes its
 * place in the tab goes on under its ID, so that the server ends at once what the browser has left
 * open of it: Firefox at times keeps the connection of a page that is reloaded while it connects.
 * See docs/decisions/029-a-page-inherits-its-clients-id.md.
 */
const KEY = 'tabcast:page-id';

/** A reload takes seconds. An older ID may have been copied with its tab. */
const MAX_AGE = 10_000;

let own: string | undefined;

/** This page's ID: that of the page before it in the tab, or `fresh`. */
export function pageId(fresh: string): string {
  if (own === undefined) {
    own = take() ?? fresh;
    addEventListener('pagehide', leave);
    // Back from the back/forward cache: only while no page has it is it in the storage.
    addEventListener('pageshow', take);
  }
  return own;
}

function leave(): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ id: own, at: Date.now() }));
  } catch {
    // Storage is blocked: the next page is another client.
  }
}

/** Takes it out, so that a copy of the tab has none of it. */
function take(): string | undefined {
  try {
    const left: { id: string; at: number } | null = JSON.parse(
      sessionStorage.getItem(KEY) ?? 'null',
    );
    sessionStorage.removeItem(KEY);
    return left && Date.now() - left.at < MAX_AGE ? String(left.id) : undefined;
  } catch {
    return undefined;
  }
}
