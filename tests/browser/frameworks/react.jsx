import { StrictMode, useState } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/react';
import { hear, offer, text } from './record.js';

let setUser;

function Page() {
  const [{ user }, set] = useState({ user: 'alice' });
  setUser = (next) => flushSync(() => set({ user: next }));
  const stream = useTabStream(user ? '/events' : null, {
    token: () => window.tokens[user],
    identity: user ?? '',
    watchdog: { silence: 60_000 },
  });
  return <Child stream={stream} />;
}

/** Its effects run before those of the page that connects. */
function Child({ stream }) {
  const latest = useTabEvent(stream, 'new_message');
  useTabEvent(stream, 'new_message', (event) => hear(event));
  return (
    <p>
      {useTabStatus(stream).state} {text(latest)}
    </p>
  );
}

let root;
offer({
  mount() {
    root = createRoot(document.body.appendChild(document.createElement('main')));
    root.render(
      <StrictMode>
        <Page />
      </StrictMode>,
    );
  },
  unmount() {
    root.unmount();
  },
  render: (user) => setUser(user),
});
