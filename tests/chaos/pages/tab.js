// A page that listens, and keeps a record of all that it was told, over its reloads.
import { connect } from '/tabcast/index.js';

let length = Number(sessionStorage.getItem('length') ?? 0);

function note(entry) {
  sessionStorage.setItem(String(length), JSON.stringify(entry));
  length += 1;
  sessionStorage.setItem('length', String(length));
}

const stream = connect('/events', JSON.parse(decodeURIComponent(location.hash.slice(1))));
stream.on('numbered', ({ data }) => note({ event: data }));
stream.onGap(({ fromId, toId, reason }) => note({ gap: true, fromId, toId, reason }));

let joined = length > 0;

/** Notes once which event was the last before this tab's first: its position is in the server's ids. */
function noteStart(id) {
  const position = /^[^-]+-(\d+)/.exec(id)?.[1];
  if (joined || position === undefined) return;
  joined = true;
  note({ afterPosition: Number(position) });
}

stream.on('connection_confirmed', ({ id }) => noteStart(id));
stream.onStatus(({ state, lastEventId }) => {
  if (state === 'open') noteStart(lastEventId);
});

window.tab = {
  record: () =>
    Array.from({ length }, (_, index) => JSON.parse(sessionStorage.getItem(String(index)))),
  last: () => JSON.parse(sessionStorage.getItem(String(length - 1)) ?? 'null'),
  status: () => stream.status,
  workerDies: () => new BroadcastChannel('die').postMessage(''),
};
