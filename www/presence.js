/** A tab of this page is counted by a lock that it holds: the browser frees it, however the tab ends. */
const PAGE = 'tabcast-www/tab/';

const available = 'locks' in navigator;
let user = null;
/** Aborting it frees the lock. */
let lock = null;

/** Has this tab counted: as one of this user's while its stream is open, else (null) of nobody's. */
export function appear(id) {
  if (!available || (lock && id === user)) return;
  leave();
  user = id;
  lock = hold(`${PAGE}${id ?? ''}/${crypto.randomUUID()}`);
}

function hold(name) {
  const ended = new AbortController();
  const { signal } = ended;
  const end = new Promise((resolve) => signal.addEventListener('abort', resolve));
  navigator.locks.request(name, { signal }, () => end).catch(() => {});
  return ended;
}

function leave() {
  lock?.abort();
  lock = null;
}

// A page that holds a lock cannot stay in the back/forward cache.
addEventListener('pagehide', leave);
addEventListener('pageshow', ({ persisted }) => persisted && appear(user));

/** How many tabs of this browser show this page, how many have an open stream, and of how many users. */
export async function countTabs() {
  if (!available) return null;
  const { held } = await navigator.locks.query();
  const pages = held.map(({ name }) => name).filter((name) => name.startsWith(PAGE));
  const users = pages.map((name) => name.slice(PAGE.length).split('/')[0]).filter(Boolean);
  return { pages: pages.length, open: users.length, users: new Set(users).size };
}
