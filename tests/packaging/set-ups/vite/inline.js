import { connect } from 'tabcast';
import workerUrl from 'tabcast/inline-worker.js?url';

const { token } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const stream = connect('/events', { token, workerUrl });

const show = (text) => {
  document.body.appendChild(document.createElement('p')).textContent = text;
};
stream.onStatus(({ state, host, advice }) => show(`${state} by ${host} ${advice ?? ''}`));
stream.on('new_message', (event) => show(event.json().message.content));
