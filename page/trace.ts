import { TabcastError } from './index.js';
import type { Inspection } from './inspection.js';

/** An event as an inspector keeps it. */
export interface TracedEvent {
  readonly type: string;
  readonly id: string;
  readonly via: 'stream' | 'poll' | 'replay';
  /** In milliseconds of Unix time. */
  readonly receivedAt: number;
  /** The data's length in UTF-16 units. */
  readonly size: number;
  /** The data, or its beginning; nothing in a trace that was exported without. */
  readonly data: string | null;
}

/** One point of the inspector's curves. */
export interface Sample {
  /** In milliseconds of Unix time. */
  readonly at: number;
  /** Events per second, over all of this user's streams. */
  readonly rate: number;
  /** How many milliseconds later than the fastest the last event came; nothing where none says. */
  readonly lag: number | null;
}

/**
 * What an inspector has seen, to be looked at elsewhere.
 *
 * @public
 */
export interface Trace {
  readonly format: 'tabcast-trace';
  readonly version: 1;
  readonly inspection: Inspection;
  readonly events: readonly TracedEvent[];
  readonly samples: readonly Sample[];
}

/** A larger file is no trace of an inspector, in characters. */
const MAX_LENGTH = 32 * 1024 * 1024;
/** No list of a trace is longer. */
const MAX_ITEMS = 5_000;

type Check = (value: unknown, path: string) => void;

/** A trace from the text of a file. Throws a `TabcastError` (`invalid-trace`) that says what is wrong. */
export function parseTrace(text: string): Trace {
  if (text.length > MAX_LENGTH) throw wrong('it is larger than 32 MiB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('it is no JSON');
  }
  if (typeof value !== 'object' || value === null) throw wrong('it is no object');
  const { format, version } = value as Partial<Trace>;
  if (format !== 'tabcast-trace') throw wrong('its `format` is not "tabcast-trace"');
  if ((version as unknown) !== 1) throw wrong('this inspector reads version 1 alone');
  checkTrace(value, '');
  return value as Trace;
}

const wrong = (what: string): TabcastError =>
  new TabcastError(
    'invalid-trace',
    `This file is no trace: ${what}. Choose one that an inspector exported.`,
  );

const is =
  (type: 'string' | 'boolean'): Check =>
  (value, path) => {
    if (typeof value !== type) throw wrong(`\`${path}\` must be a ${type}`);
  };
const text = is('string');
const flag = is('boolean');
const number: Check = (value, path) => {
  if (!Number.isFinite(value)) throw wrong(`\`${path}\` must be a number`);
};
/** Times are drawn, and told as dates: 8.64e15 is the last one that JavaScript has. */
const time: Check = (value, path) => {
  number(value, path);
  if (Math.abs(value as number) > 8.64e15) throw wrong(`\`${path}\` must be a time`);
};
const orNull =
  (check: Check): Check =>
  (value, path) => {
    if (value !== null) check(value, path);
  };
const list =
  (check: Check): Check =>
  (value, path) => {
    if (!Array.isArray(value)) throw wrong(`\`${path}\` must be a list`);
    if (value.length > MAX_ITEMS) throw wrong(`\`${path}\` is longer than ${MAX_ITEMS}`);
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`);
  };
const object =
  (members: Record<string, Check>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) throw wrong(`\`${path}\` must be an object`);
    for (const [name, check] of Object.entries(members)) {
      check((value as Record<string, unknown>)[name], path ? `${path}.${name}` : name);
    }
  };
const figures: Check = (value, path) => {
  object({})(value, path);
  for (const [name, figure] of Object.entries(value as object)) number(figure, `${path}.${name}`);
};

const checkTrace = object({
  inspection: object({
    at: time,
    streams: list(
      object({
        id: number,
        own: flag,
        url: text,
        status: object({
          state: text,
          attempt: number,
          retryAt: orNull(time),
          reason: orNull(text),
          httpStatus: orNull(number),
          advice: orNull(text),
          transport: text,
          host: text,
          lastEventId: text,
        }),
        timers: list(object({ name: text, at: time })),
        tabs: number,
        kept: number,
        counters: object({
          attempts: number,
          events: number,
          units: number,
          polled: number,
          polls: number,
          gaps: number,
          tokenRequests: number,
          recoveries: number,
          recoveryTime: number,
          longestRecovery: number,
          reconnects: figures,
        }),
      }),
    ),
    tabs: list(
      object({
        id: number,
        stream: number,
        self: flag,
        visible: flag,
        providesToken: flag,
        types: list(text),
      }),
    ),
    transitions: list(
      object({
        at: time,
        kind: text,
        stream: number,
        tab: orNull(number),
        state: orNull(text),
        reason: orNull(text),
        httpStatus: orNull(number),
      }),
    ),
  }),
  events: list(
    object({ type: text, id: text, via: text, receivedAt: time, size: number, data: orNull(text) }),
  ),
  samples: list(object({ at: time, rate: number, lag: orNull(number) })),
});
