import {
  getCurrentInstance,
  isProxy,
  type MaybeRefOrGetter,
  markRaw,
  onMounted,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
  toValue,
  watchEffect,
} from 'vue';
import { type AnyStream, type ExternalStore, latestEvent, latestStatus } from './external-store.js';
import { TabStreamHandle } from './handle.js';
import type { ConnectOptions, Status, TabEvent } from './index.js';

export type { AnyStream } from './external-store.js';
export type { TabStreamHandle } from './handle.js';

/**
 * The event stream at `url` for as long as the component, or the effect scope, lives; `null` for
 * none. URL and options may be refs or getters: the stream is connected anew when their values or
 * the user change. On a server it does not connect.
 *
 * @throws TabcastError as {@link connect} does, when the component mounts.
 * @public
 */
export function useTabStream<Events = Record<string, unknown>>(
  url: MaybeRefOrGetter<string | URL | null>,
  options: MaybeRefOrGetter<ConnectOptions> = {},
): TabStreamHandle<Events> {
  const stream = markRaw(new TabStreamHandle<Events>());
  watchEffect(() => stream.aim(toValue(url), members(toValue(options))));
  let release = () => {};
  const hold = () => {
    release = stream.hold();
  };
  // A component is mounted in a browser only. A scope without one (a store) has no such moment.
  if (getCurrentInstance()) onMounted(hold);
  else hold();
  onScopeDispose(() => release());
  return stream;
}

/**
 * The latest event of `type`; `undefined` until there is one. Vue renders once for events that
 * come together: what must see each of them gives a listener.
 *
 * @public
 */
export function useTabEvent<Events, Type extends keyof Events & string>(
  stream: AnyStream<Events>,
  type: Type | '*',
): Readonly<ShallowRef<TabEvent<Events[Type]> | undefined>>;
/**
 * Calls `listener` for each event of `type`, in order.
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
): Readonly<ShallowRef<TabEvent<Events[Type]> | undefined>> | undefined {
  if (!listener) return refOf(latestEvent(stream, type));
  whileInScope(() => stream.on<Type>(type, listener));
  return undefined;
}

/**
 * Where the stream stands.
 *
 * @public
 */
export function useTabStatus<Events>(stream: AnyStream<Events>): Readonly<ShallowRef<Status>> {
  return refOf(latestStatus(stream));
}

function refOf<T>(store: ExternalStore<T>): Readonly<ShallowRef<T>> {
  const value = shallowRef(store.get()) as ShallowRef<T>;
  whileInScope(() =>
    store.subscribe(() => {
      value.value = store.get();
    }),
  );
  return value;
}

function whileInScope(start: () => () => void): void {
  // On a server nothing ends a component's scope.
  if (typeof window !== 'undefined') onScopeDispose(start());
}

/** All members of an object, read so that their changes are seen. A worker cannot be sent a proxy. */
function members<T extends object>(value: T): T {
  const plain = (member: unknown) => (isProxy(member) ? members(member as object) : member);
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, plain(member)]),
  ) as T;
}
