import * as api from './api.js';
import { byId, setText } from './dom.js';
import { countTabs } from './presence.js';
import { texts } from './texts.js';

const t = texts.sharing;
const INTERVAL = 1_500;
const SOON = 150;

/** Whether the server answered when it was asked last; nothing before that. */
export const server = { answers: null };

/** Counts the browser's tabs beside the server's connections, as long as the page is looked at. */
export function startCounting(changed) {
  const count = async () => {
    if (document.visibilityState === 'hidden') return;
    const [tabs, connections] = await Promise.all([
      countTabs().catch(() => null),
      api.activeConnections().catch(() => null),
    ]);
    server.answers = connections !== null;
    show(tabs, connections);
    changed();
  };
  setInterval(count, INTERVAL);
  document.addEventListener('visibilitychange', count);
  // By then this tab is counted too.
  setTimeout(count, SOON);
}

/** A window with an opener gets a copy of the session storage, and so is logged in. */
export function openAnotherTab() {
  const opened = window.open(location.href, '_blank');
  setText(byId('sharing-error'), opened ? '' : t.blocked);
}

function show(tabs, connections) {
  setText(byId('tab-count'), tabs ? String(tabs.pages) : t.unknown);
  setText(byId('tab-label'), t.tabs(tabs?.pages));
  setText(byId('connection-count'), String(connections ?? t.unknown));
  setText(byId('connection-label'), t.connections(connections));
  setText(byId('sharing-verdict'), verdict(tabs, connections));
}

function verdict(tabs, connections) {
  if (connections === null) return t.noServer;
  if (!tabs) return t.noLocks;
  const { open, users } = tabs;
  const others = connections > users ? t.others(connections - users) : '';
  if (open === 0) return join(t.none, others);
  if (connections < users) return t.missing;
  if (open === 1) return join(t.one, others);
  return join(t.shared(open, users), users > 1 ? t.users(users) : '', others);
}

const join = (...sentences) => sentences.filter(Boolean).join(' ');
