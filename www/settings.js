import { byId, setText } from './dom.js';
import { texts } from './texts.js';

/**
 * How the page connects stands in its address, so that a link, a reload and another tab have the
 * same: `?transport=fetch&silence=5000&types=new_message,note`.
 */
const given = new URLSearchParams(location.search);

const POLL = '/api/v1/sse/messages/pending';

/** What was asked for, as `Live` takes it; what is wrong with it, `connect()` says. */
export const settings = () => from(Object.fromEntries(given));

export const defaults = () => from({});

function from({ transport, host, url, types, poll, ...times }) {
  const { connectTimeout, firstData, silence } = Object.fromEntries(
    Object.entries(times).map(([name, value]) => [name, Number(value)]),
  );
  const watchdog = defined({ firstData, silence });
  return {
    url: url || '/events',
    types: (types || 'new_message').split(',').filter(Boolean),
    options: defined({
      transport: transport || undefined,
      host: host || undefined,
      connectTimeout,
      watchdog: Object.keys(watchdog).length ? watchdog : undefined,
      poll: poll === 'off' ? undefined : { url: POLL },
    }),
  };
}

/** Fills the form from the address; the address from the form is the browser's own work. */
export function startSettings() {
  for (const field of byId('settings-form').elements) {
    if (field.name) field.value = given.get(field.name) ?? field.value;
  }
  byId('settings-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const filled = [...new FormData(event.target)].filter(([, value]) => value !== '');
    location.search = new URLSearchParams(filled).toString();
  });
  if (location.search) byId('settings').open = true;
}

/** Says what is wrong with the settings; nothing if nothing is. */
export function showSettingsError(error) {
  setText(byId('settings-error'), error ? texts.settings.wrong(error.message) : '');
}

const defined = (members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
