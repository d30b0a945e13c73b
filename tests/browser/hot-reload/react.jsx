import { useTabEvent, useTabStatus, useTabStream } from 'tabcast/react';
import { hear, offer, token, url } from './record.js';

export function Page() {
  const stream = useTabStream(`${url}/events`, { token });
  useTabEvent(stream, 'new_message', hear);
  offer(stream);
  return <p>first text {useTabStatus(stream).state}</p>;
}
