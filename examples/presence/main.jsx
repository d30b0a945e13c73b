import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/react';
import { signIn } from '../shared/session.js';

const friends = { 1: 'Super', 2: 'Test', 3: 'Alice', 4: 'Bob' };

/** Who is there is what `presence.mjs` says; that one is there oneself, the connection says. */
function Friends({ session }) {
  const stream = useTabStream('/events', {
    token: session.token,
    identity: String(session.user.id),
  });
  const { state } = useTabStatus(stream);
  const online = useTabEvent(stream, 'presence')?.json().online ?? [];
  return (
    <>
      <h1>Friends</h1>
      <p className="state">{state}</p>
      <ul>
        {Object.entries(friends).map(([id, name]) => (
          <li key={id}>
            {name} {online.includes(Number(id)) && <span className="badge">online</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

const session = await signIn();
createRoot(document.getElementById('app')).render(
  <StrictMode>
    <Friends session={session} />
  </StrictMode>,
);
