'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import { SharedEventSource as EventSource } from 'tabcast';
import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/react';

const never = () => () => {};

export function Live() {
  // The tests say in the URL whose stream it is. A server does not see it.
  const hash = useSyncExternalStore(
    never,
    () => location.hash.slice(1),
    () => '',
  );
  if (!hash) return null;
  const { asEventSource, ...options } = JSON.parse(decodeURIComponent(hash));
  return asEventSource ? <ByEventSource {...options} /> : <ByHooks options={options} />;
}

function ByHooks({ options }) {
  const stream = useTabStream('/events', options);
  const { state, host } = useTabStatus(stream);
  const [messages, setMessages] = useState([]);
  useTabEvent(stream, 'new_message', (event) => {
    setMessages((before) => [...before, event.json().message]);
  });
  return <Messages status={`${state} by ${host}`} messages={messages} />;
}

function ByEventSource({ token }) {
  const [status, setStatus] = useState('');
  const [messages, setMessages] = useState([]);
  useEffect(() => {
    const source = new EventSource(`/events?access_token=${token}`);
    source.onopen = () => setStatus('open as EventSource');
    source.addEventListener('new_message', ({ data }) => {
      setMessages((before) => [...before, JSON.parse(data).message]);
    });
    return () => source.close();
  }, [token]);
  return <Messages status={status} messages={messages} />;
}

function Messages({ status, messages }) {
  return (
    <main>
      <p>{status}</p>
      {messages.map(({ id, content }) => (
        <p key={id}>{content}</p>
      ))}
    </main>
  );
}
