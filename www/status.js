import { byId, element, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.status;

/** Shows where the stream stands. */
export function showStatus(live) {
  const status = live?.status;
  const state = status?.state ?? 'idle';
  const badge = byId('status-state');
  badge.dataset.state = state;
  setText(badge, t.states[state]);
  showFields({
    url: live?.url,
    reason: status?.reason,
    httpStatus: status?.httpStatus,
    attempt: status?.attempt,
    retry: retry(status?.retryAt),
    transport: status && t.transports[status.transport],
    host: status && t.hosts[status.host],
    lastEventId: status?.lastEventId,
  });
}

function retry(at) {
  if (!at) return undefined;
  const seconds = Math.ceil((at - Date.now()) / 1000);
  return seconds > 0 ? t.retryIn(seconds) : t.retryNow;
}

function showFields(values) {
  const list = byId('status-list');
  if (!list.firstChild) {
    for (const [name, label] of Object.entries(t.fields)) {
      list.append(
        element('div', {}, element('dt', {}, label), element('dd', { data: { field: name } })),
      );
    }
  }
  for (const node of list.querySelectorAll('dd')) {
    const value = values[node.dataset.field];
    setText(node, value === undefined || value === null || value === '' ? t.none : String(value));
  }
}
