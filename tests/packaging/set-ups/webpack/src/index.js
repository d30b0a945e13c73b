import { connect } from 'tabcast';

// The tests say in the URL whose stream it is.
const options = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const stream = connect('/events', options);

const show = (text) => {
  document.body.appendChild(document.createElement('p')).textContent = text;
};
stream.onStatus(({ state, host, advice }) => show(`${state} by ${host} ${advice ?? ''}`));
stream.on('new_message', (event) => show(event.json().message.content));
