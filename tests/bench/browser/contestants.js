/**
 * Each opens a stream (Tabcast with further `options`), calls `opened` once it can get events, hands
 * the data of each event of these `types` to `take`, and returns what closes it. Peers that have one
 * listener for all types are not told of them.
 */
import { fetchEventSource } from '@microsoft/fetch-event-source';
import { createEventSource } from 'eventsource-client';
import ReconnectingEventSource from 'reconnecting-eventsource';
import { connect } from '/tabcast/index.js';

const likeEventSource = (Kind) => (url, opened, take, types) => {
  const source = new Kind(url);
  source.onopen = opened;
  for (const type of types) source.addEventListener(type, ({ data }) => take(data));
  return () => source.close();
};

const tabcast = (transport) => (url, opened, take, types, options) => {
  const stream = connect(url, { transport, identity: transport, ...options });
  stream.onStatus(({ state }) => {
    if (state === 'open') opened();
  });
  stream.onGap(({ reason }) => take(`a gap: ${reason}`));
  for (const type of types) stream.on(type, ({ data }) => take(data));
  return () => stream.close();
};

export const contestants = {
  'native EventSource': likeEventSource(EventSource),
  'tabcast, eventsource': tabcast('eventsource'),
  'tabcast, fetch': tabcast('fetch'),
  '@microsoft/fetch-event-source': (url, opened, take) => {
    const ended = new AbortController();
    fetchEventSource(url, {
      signal: ended.signal,
      openWhenHidden: true,
      onopen: async () => opened(),
      onmessage: ({ data }) => take(data),
    });
    return () => ended.abort();
  },
  'eventsource-client': (url, opened, take) => {
    const source = createEventSource({
      url,
      onConnect: opened,
      onMessage: ({ data }) => take(data),
    });
    return () => source.close();
  },
  'reconnecting-eventsource': likeEventSource(ReconnectingEventSource),
};
