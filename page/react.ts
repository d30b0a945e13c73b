'use client';

import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { type AnyStream, type ExternalStore, latestEvent, latestStatus } from './external-store.js';
import { TabStreamHandle } from './handle.js';
import type { ConnectOptions, Status, TabEvent } from './index.js';
import { INITIAL_STATUS } from './initial-status.js';

export type { AnyStream } from './external-store.js';
export type { TabStreamHandle } from './handle.js';

// On a server React 18 warns of an effect that could never run.
const useBeforePaint = typeof window === 'undefined' ? useEffect : useLayoutEffect;

/**
 * The event stream at `url` for as long as the component is mounted; `null` for none. Options may
 * be written inline: the stream is connected anew when their values, the URL or the user change. It
 * is the same object at every rendering, and on a server it does not connect.
 *
 * @throws TabcastError as {@link connect} does, when the component mounts.
 * @public
 */
export function useTabStream<Events = Record<string, unknown>>(
  url: string | URL | null,
  options: ConnectOptions = {},
): TabStreamHandle<Events> {
  const [stream] = useState(() => new TabStreamHandle<Events>());
  // Before paint, so that nothing is shown beside another user's data.
  useBeforePaint(() => stream.aim(url, options));
  useEffect(() => stream.hold(), [stream]);
  return stream;
}

/**
 * The latest event of `type`; `undefined` until there is one. React renders once for events that
 * come together: what must see each of them gives a listener.
 *
 * @public
 */
export function useTabEvent<Events, Type extends keyof Events & string>(
  stream: AnyStream<Events>,
  type: Type | '*',
): TabEvent<Events[Type]> | undefined;
/**
 * Calls `listener` for each event of `type`, in order. It may be written inline, and does not make
 * the component render.
 *
 * @public
 */
export function useTabEvent<Events, Type extends keyof Events & string>(
  stream: AnyStream<Events>,
  type: Type | '*',
  listener: (event: TabEvent<Events[Type]>) => void,
): void;
export function useTabEvent<Events, Type extends keyof Events & string>(
  stream: AnyStream<Events>,
  type: Type | '*',
  listener?: (event: TabEvent<Events[Type]>) => void,
): TabEvent<Events[Type]> | undefined {
  const listens = listener !== undefined;
  const latest = useRef(listener);
  useBeforePaint(() => {
    latest.current = listener;
  });
  useEffect(
    () => (listens ? stream.on<Type>(type, (event) => latest.current?.(event)) : undefined),
    [stream, type, listens],
  );
  const store = useMemo(
    () => (listens ? never : latestEvent(stream, type)),
    [stream, type, listens],
  );
  return useSyncExternalStore(store.subscribe, store.get, none);
}

/**
 * Where the stream stands.
 *
 * @public
 */
export function useTabStatus<Events>(stream: AnyStream<Events>): Status {
  const store = useMemo(() => latestStatus(stream), [stream]);
  return useSyncExternalStore(store.subscribe, store.get, initial);
}

const none = () => undefined;
const initial = () => INITIAL_STATUS;
const never: ExternalStore<undefined> = { subscribe: () => none, get: none };
