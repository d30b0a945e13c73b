import { connect } from 'tabcast';
import { signIn } from '../shared/session.js';

const app = document.getElementById('app');
const session = await signIn();

app.innerHTML = `
  <h1>Alerts <span class="badge" id="count">0</span></h1>
  <p class="state"><span id="state"></span>, <span id="streams">?</span> open streams</p>
  <button id="raise">Raise an alert</button>
  <ul id="alerts"></ul>`;
const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

const stream = connect('/events', { token: session.token, identity: String(session.user.id) });

stream.on('alert', (event) => {
  const { severity, text } = event.json();
  const item = document.createElement('li');
  item.append(text, Object.assign(document.createElement('span'), { textContent: severity }));
  const list = document.getElementById('alerts');
  list.prepend(item);
  show('count', list.childElementCount);
  countStreams();
});
stream.onStatus(({ state, advice }) => {
  show('state', `${state} ${advice ?? ''}`);
  countStreams();
});
stream.onGap(() => location.reload());

async function countStreams() {
  const metrics = await (await fetch('/metrics')).text();
  show('streams', metrics.match(/^sse_active_connections (\d+)$/m)?.[1] ?? '?');
}

document.getElementById('raise').onclick = () =>
  session.post('/api/v1/sse/broadcast', {
    event_type: 'alert',
    data: { severity: 'high', text: 'Queue is growing' },
    priority: 2,
  });
