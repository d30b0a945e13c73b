'use client';

import { useState, useSyncExternalStore } from 'react';
import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/react';

const never = () => () => {};

export function Live() {
  // The tests say in the URL whose stream it is. A server does not see it.
  const hash = useSyncExternalStore(
    never,
    () => location.hash.slice(1),
    () => '',
  );
  const options = hash ? JSON.parse(decodeURIComponent(hash)) : {};
  const stream = useTabStream(hash ? '/events' : null, options);
  const { state, host } = useTabStatus(stream);
  const [messages, setMessages] = useState([]);
  useTabEvent(stream, 'new_message', (event) => {
    setMessages((before) => [...before, event.json().message]);
  });
  return (
    <main>
      <p>
        {state} by {host}
      </p>
      {messages.map(({ id, content }) => (
        <p key={id}>{content}</p>
      ))}
    </main>
  );
}
