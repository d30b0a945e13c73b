import * as api from './api.js';
import { byId, element, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.send;
/** How long to wait before the chats are asked for again, in milliseconds. */
const RETRY = 3_000;
let nextNumber = 1;
let offeredTo = null;

/** Makes the form for messages work; `outbox()` is whoever's who is logged in. */
export function startSending(outbox) {
  const field = byId('message');
  const send = (content) => {
    const text = content || t.placeholder(nextNumber++);
    field.placeholder = t.placeholder(nextNumber);
    outbox().send(byId('chat').value, text);
  };
  field.placeholder = t.placeholder(nextNumber);
  byId('send-form').addEventListener('submit', (event) => {
    event.preventDefault();
    send(field.value.trim());
    field.value = '';
  });
  byId('send-ten').addEventListener('click', () => {
    for (let i = 0; i < 10; i++) send('');
  });
}

/** Offers the chats of this session's user, or none. */
export async function offerChats(session) {
  offeredTo = session;
  const select = byId('chat');
  byId('send-fields').disabled = true;
  select.replaceChildren();
  if (!session) return;
  const chats = await api.chats(session.token).catch(() => null);
  if (offeredTo !== session) return;
  if (!chats) {
    setTimeout(() => offeredTo === session && offerChats(session), RETRY);
    return;
  }
  const options = chats.map(({ id, name }) => element('option', { value: id }, name));
  select.append(...(chats.length ? options : [element('option', {}, t.noChats)]));
  byId('send-fields').disabled = chats.length === 0;
}

/** Shows what became of the last messages. */
export function showOutbox(entries) {
  const list = byId('outbox');
  list.hidden = entries.length === 0;
  while (list.childElementCount > entries.length) list.lastElementChild.remove();
  while (list.childElementCount < entries.length) {
    list.append(element('li', {}, element('span'), element('span')));
  }
  for (const [index, { content, state, took }] of entries.entries()) {
    const item = list.children[index];
    const label = texts.outbox.states[state];
    item.dataset.state = state;
    setText(item.firstChild, content);
    setText(item.lastChild, typeof label === 'function' ? label(Math.round(took)) : label);
  }
}
