/** What only a page can see of the browser, and of its own coming and going. */
export interface PageEvents {
  visible(visible: boolean): void;
  online(online: boolean): void;
  /** The page may have missed what went over a channel: it was frozen, or hidden. */
  thawed(): void;
  /** The page is going, for good or into the back/forward cache. */
  leaving(): void;
  /** The page is back from the back/forward cache. */
  returned(): void;
}

export function isVisible(): boolean {
  return document.visibilityState === 'visible';
}

/** Tells what happens to the page until `signal` is aborted. */
export function watchPage(events: PageEvents, signal: AbortSignal): void {
  const on = (target: EventTarget, name: string, call: (event: Event) => void) =>
    target.addEventListener(name, call, { signal });
  on(document, 'visibilitychange', () => {
    events.visible(isVisible());
    if (isVisible()) events.thawed();
  });
  on(document, 'resume', () => events.thawed());
  // Chromium does not tell workers of these.
  on(window, 'online', () => events.online(true));
  on(window, 'offline', () => events.online(false));
  // Not `beforeunload`: it keeps pages out of the back/forward cache.
  on(window, 'pagehide', () => events.leaving());
  on(window, 'pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted) events.returned();
  });
}
