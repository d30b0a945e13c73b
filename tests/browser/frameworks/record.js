/** What a page of the framework tests records, and how a test waits for it. */
import { waiter } from '../pages/until.js';

const { changed, until } = waiter(() => `${shown}; ${heard}`);

/** The messages that the component's listener got, in order. */
export const heard = [];
/** What the component shows now. */
let shown = '';

/** The shared workers that the package started: one for each time that a stream was joined. */
let joins = 0;
window.SharedWorker = class extends SharedWorker {
  constructor(url, options) {
    super(url, options);
    joins += 1;
  }
};

export const hear = (event) => {
  heard.push(event.json().message.content);
  changed();
};

/** An event as a component shows it. */
export const text = (event) => event?.json().message.content ?? 'nothing';

new MutationObserver(() => {
  shown = document.body.textContent.trim();
  changed();
}).observe(document.body, { childList: true, characterData: true, subtree: true });

/**
 * @param {{mount(): void, unmount(): void, render(user: string | null): void}} app of the framework;
 *   each rendering has its options as new objects
 */
export const offer = (app) => {
  window.tab = { ...app, until, heard: () => heard, shown: () => shown, joins: () => joins };
};
