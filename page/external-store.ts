import { TabStreamHandle } from './handle.js';
import type { Status, TabEvent, TabStream } from './index.js';

/** A stream as components have it: their own, or one that `connect()` made. */
export type AnyStream<Events> = TabStreamHandle<Events> | TabStream<Events>;

/** A value that changes by itself, as frameworks read such. */
export interface ExternalStore<T> {
  subscribe(changed: () => void): () => void;
  /** The same value until `changed` is called. */
  get(): T;
}

/** The latest event of a type, once there was one. */
export function latestEvent<Events, Type extends keyof Events & string>(
  stream: AnyStream<Events>,
  type: Type | '*',
): ExternalStore<TabEvent<Events[Type]> | undefined> {
  let latest: TabEvent<Events[Type]> | undefined;
  return {
    get: () => latest,
    subscribe(changed) {
      const set = (event: typeof latest) => {
        latest = event;
        changed();
      };
      const off = stream.on<Type>(type, set);
      // It may be another user's from now on.
      const stay =
        stream instanceof TabStreamHandle ? stream.onRetarget(() => set(undefined)) : off;
      return () => {
        off();
        stay();
      };
    },
  };
}

export function latestStatus<Events>(stream: AnyStream<Events>): ExternalStore<Status> {
  let latest = stream.status;
  return {
    get: () => latest,
    subscribe(changed) {
      const set = (status: Status) => {
        latest = status;
        changed();
      };
      const off = stream.onStatus(set);
      set(stream.status);
      return off;
    },
  };
}
