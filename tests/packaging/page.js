import { connect, SharedEventSource as EventSource } from 'tabcast';

// The tests say in the URL whose stream it is, and by which of the two it is read.
const { token, asEventSource, ...options } = JSON.parse(decodeURIComponent(location.hash.slice(1)));

const show = (text) => {
  document.body.appendChild(document.createElement('p')).textContent = text;
};
const read = asEventSource ? listen : join;

/** What the app of each set-up does, with further options where its bundler wants them. */
export const start = (more = {}) => read({ ...options, ...more });

function join(options) {
  const stream = connect('/events', { token, ...options });
  stream.onStatus(({ state, host, advice }) => show(`${state} by ${host} ${advice ?? ''}`));
  stream.on('new_message', (event) => show(event.json().message.content));
}

/** A page that was written for the browser's own `EventSource`, but for the import. */
function listen(options) {
  const source = new EventSource(`/events?access_token=${token}`, options);
  source.onopen = () => show('open as EventSource');
  source.addEventListener('new_message', ({ data }) => show(JSON.parse(data).message.content));
}
