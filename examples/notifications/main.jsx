import { StrictMode, useCallback, useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/react';
import { signIn } from '../shared/session.js';

const inbox = '/api/v1/sse/messages';

/** What is unread in every tab: another tab, or another device, may read it meanwhile. */
function Notifications({ session }) {
  const [unread, setUnread] = useState(0);
  const [list, setList] = useState([]);
  const stream = useTabStream('/events', {
    token: session.token,
    identity: String(session.user.id),
  });
  const { state } = useTabStatus(stream);

  const asked = useRef(0);
  const recount = useCallback(async () => {
    asked.current += 1;
    const own = asked.current;
    const { unread } = await session.get(`${inbox}/unread`);
    // An answer that comes behind a later one's is old.
    if (own === asked.current) setUnread(unread);
  }, [session]);
  useEffect(() => {
    recount();
    // Some were lost for good: the server knows the number.
    return stream.onGap(recount);
  }, [recount, stream]);

  useTabEvent(stream, 'notification', (event) => {
    setList((before) => [{ id: event.id, ...event.json() }, ...before].slice(0, 20));
    recount();
  });
  useTabEvent(stream, 'notifications_read', recount);

  const notify = (fields) =>
    session.post('/api/v1/sse/send', { user_id: session.user.id, ...fields });
  const readAll = async () => {
    await session.post(`${inbox}/read`, { up_to: stream.status.lastEventId });
    await notify({ event_type: 'notifications_read', data: null, persist: false });
  };
  return (
    <>
      <h1>
        Notifications <span className="badge">{unread}</span>
      </h1>
      <p className="state">{state}</p>
      <button
        type="button"
        onClick={() => notify({ event_type: 'notification', data: { text: 'Your order left' } })}
      >
        Notify me
      </button>{' '}
      <button type="button" onClick={readAll}>
        Mark all as read
      </button>
      <ul>
        {list.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
    </>
  );
}

const session = await signIn();
createRoot(document.getElementById('app')).render(
  <StrictMode>
    <Notifications session={session} />
  </StrictMode>,
);
