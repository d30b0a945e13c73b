/** What the app's listeners got and what its component shows: kept over the component's edits. */
import { waiter } from '../pages/until.js';

const heard = [];
const { changed, until } = waiter(() => `the page shows: ${shown()}; it heard: ${heard}`);
const shown = () => document.body.textContent.replaceAll(/\s+/g, ' ').trim();

export const { url, token } = JSON.parse(decodeURIComponent(location.hash.slice(1)));

let current = () => {};

/** What a component's listener does with a message. */
export function hear(event) {
  heard.push(event.json().message.content);
  changed();
}

/** The stream of the component as it is now. */
export function offer(stream) {
  current = () => stream.current;
}

new MutationObserver(changed).observe(document.body, {
  childList: true,
  characterData: true,
  subtree: true,
});

window.tab = {
  until,
  shown,
  heard: () => heard,
  current: () => current(),
};
