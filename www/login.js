import { byId, element, setText } from './dom.js';
import { Session } from './session.js';
import { texts } from './texts.js';

const t = texts.login;

/** The users of a fresh server. */
const SEEDED = [
  { name: 'Super', email: 'super@test.com', note: t.admin },
  { name: 'Test', email: 'test@example.com' },
  { name: 'Alice', email: 'alice@test.com' },
  { name: 'Bob', email: 'bob@test.com' },
];
const SEEDED_PASSWORD = 'password';

/** How the last try to log in went, and whether a session has run out, for the checklist. */
export const login = { busy: false, error: null, ended: false };

/** Makes the forms work; `entered` gets the session, `changed` is called when `login` changes. */
export function startLogin({ entered, changed }) {
  const form = byId('login-form');
  const { email, password } = form.elements;

  const enter = async (address, secret) => {
    if (login.busy) return;
    Object.assign(login, { busy: true, error: null, ended: false });
    showError('');
    changed();
    try {
      const session = await Session.logIn(address, secret);
      login.busy = false;
      form.reset();
      byId('other-account').open = false;
      entered(session);
    } catch (error) {
      Object.assign(login, { busy: false, error });
      showError(error.message);
      changed();
    }
  };

  for (const user of SEEDED) {
    const name = user.note ? `${user.name} (${user.note})` : user.name;
    const button = element(
      'button',
      { type: 'button' },
      element('strong', {}, name),
      element('span', {}, user.email),
    );
    button.addEventListener('click', () => enter(user.email, SEEDED_PASSWORD));
    byId('seeded').append(button);
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const missing = [email, password].find(({ value }) => !value);
    if (!missing) {
      enter(email.value, password.value);
      return;
    }
    showError(t.incomplete);
    missing.focus();
  });
}

/** Shows who is in, or how to get in; the focus follows where the reader was acting. */
export function showLogin(session) {
  const [wasOut, out] = [!byId('logged-out').hidden, !session];
  const acting = byId('logged-out').contains(document.activeElement);
  const leaving = byId('logged-in').contains(document.activeElement);
  byId('logged-out').hidden = !out;
  byId('logged-in').hidden = out;
  if (wasOut && !out && acting) byId('log-out').focus();
  if (!wasOut && out && leaving) byId('seeded').firstElementChild.focus();
}

function showError(text) {
  setText(byId('login-error'), text);
  for (const field of byId('login-form').elements) {
    if (field.name) field.setAttribute('aria-invalid', String(Boolean(text)));
  }
}
