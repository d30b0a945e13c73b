import { texts } from './texts.js';

/** A request that the server refused, or did not answer (then `status` is 0). */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, { method = 'GET', token, body } = {}) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers['content-type'] = 'application/json';
  let response;
  let answer;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    answer = await response.text();
  } catch {
    throw new ApiError(0, texts.api.noAnswer);
  }
  if (response.ok) return answer;
  throw new ApiError(response.status, refusal(answer) ?? texts.api.status(response.status));
}

function refusal(answer) {
  try {
    return JSON.parse(answer).error.message;
  } catch {
    // A proxy answered, not the server.
    return undefined;
  }
}

const json = async (path, request) => JSON.parse(await call(path, request));

export const logIn = (email, password) =>
  json('/auth/login', { method: 'POST', body: { email, password } });

export const refresh = (token) => json('/auth/refresh', { method: 'POST', token });

export const chats = async (token) => (await json('/api/chats', { token })).data;

export const postMessage = (token, chat, content, clientRef) =>
  json(`/api/chats/${chat}/messages`, {
    method: 'POST',
    token,
    body: { content, client_ref: clientRef },
  });

/** What the server's log has for this user after an event. */
export const pending = async (token, lastEventId) => {
  const query = new URLSearchParams({ limit: '200' });
  if (lastEventId) query.set('last_event_id', lastEventId);
  return (await json(`/api/v1/sse/messages/pending?${query}`, { token })).data;
};

/** Publishes an event to a `user`, a `group` or `all`. */
export const publish = (token, audience, event) => {
  const path = { user: 'send', group: 'send/group', all: 'broadcast' }[audience];
  return json(`/api/v1/sse/${path}`, { method: 'POST', token, body: event });
};

/** The open streams as the test routes tell them; refused (403) by a server without `--faults`. */
export const testConnections = async () => (await json('/__test/connections')).data;

/** Has a user's streams, or one connection, go wrong; without faults everything is mended. */
export const setFaults = (body) => json('/__test/faults', { method: 'POST', body });

/** How many streams the server has open, of all users and browsers. */
export async function activeConnections() {
  const value = (await call('/metrics')).match(/^sse_active_connections(?:\{\})? (\d+)$/m)?.[1];
  return value === undefined ? null : Number(value);
}
