import * as api from './api.js';
import { byId, element, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.publish;
let session = null;

/** Makes the form for events of any type work; `listenFor` is told the type before it is sent. */
export function startPublishing(listenFor) {
  const form = byId('publish-form');
  const fields = form.elements;
  const show = () => {
    byId('publish-user').hidden = fields.audience.value !== 'user';
    byId('publish-group').hidden = fields.audience.value !== 'group';
  };
  form.addEventListener('input', show);
  show();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    setText(byId('publish-error'), '');
    setText(byId('publish-result'), '');
    try {
      const body = eventOf(fields);
      listenFor([body.event_type]);
      const sent = await api.publish(session.token, fields.audience.value, body);
      setText(byId('publish-result'), t.done(sent.event_id, sent.delivered, sent.persisted));
    } catch (error) {
      setText(byId('publish-error'), error.message);
    }
  });
}

/** Who may publish to whom is the server's to say; who may not is told so before it refuses. */
export function offerPublishing(entered) {
  session = entered;
  byId('publish-fields').disabled = !session;
  if (!session) return;
  const admin = session.user.role === 'admin';
  setText(byId('publish-note'), admin ? t.admin : t.notAdmin);
  const users = [1, 2, 3, 4].map((id) =>
    element('option', { value: id, selected: id === session.user.id }, t.user(id)),
  );
  byId('publish-form').elements.user.replaceChildren(...users);
}

function eventOf({ audience, user, group, type, data, priority, ttl, persist }) {
  return {
    ...(audience.value === 'user' && { user_id: Number(user.value) }),
    ...(audience.value === 'group' && { group: group.value }),
    event_type: type.value.trim(),
    data: parsed(data.value),
    priority: Number(priority.value),
    persist: persist.checked,
    ...(ttl.value && { ttl: Number(ttl.value) }),
  };
}

/** JSON where it is some, else text: what a person types need not be quoted. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
