/** What the app's listeners got and what its component shows: kept over the component's edits. */
const heard = [];
const waiting = new Set();
const changed = () => {
  for (const look of waiting) look();
};
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

function until(test) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(limit);
      waiting.delete(look);
      settle(value);
    };
    const look = () => test(window.tab) && end(resolve);
    const limit = setTimeout(
      () => end(reject, new Error(`${test}; the page shows: ${shown()}; it heard: ${heard}`)),
      20_000,
    );
    waiting.add(look);
    look();
  });
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
