/**
 * The example's own backend: sees who has a stream, and tells everybody when that changes.
 * `node examples/presence/presence.mjs http://127.0.0.1:3001`
 */
import { setTimeout as pause } from 'node:timers/promises';

const server = process.argv[2] ?? 'http://127.0.0.1:3001';
const json = { 'Content-Type': 'application/json' };

const login = await fetch(`${server}/auth/login`, {
  method: 'POST',
  headers: json,
  body: JSON.stringify({ email: 'super@test.com', password: 'password' }),
});
const headers = { ...json, Authorization: `Bearer ${(await login.json()).access_token}` };

let told = '';
for (;;) {
  const { users } = await (await fetch(`${server}/api/v1/sse/info`, { headers })).json();
  // With the times, so that who has just come is told too.
  const now = JSON.stringify(users);
  if (now !== told) {
    const online = users.filter(({ connections }) => connections > 0).map(({ user_id }) => user_id);
    const body = { event_type: 'presence', data: { online }, persist: false };
    const url = `${server}/api/v1/sse/broadcast`;
    await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    told = now;
  }
  await pause(200);
}
