import type { StreamOptions } from '../worker/messages.js';
import { TabcastError } from './errors.js';
import type { ConnectOptions } from './types.js';

type Check = (name: string, value: unknown) => void;

/** The longest that a browser timer can be armed for, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

const number =
  (low: number, high: number, what: string, whole = false): Check =>
  (name, value) => {
    const fits = typeof value === 'number' && value >= low && value <= high;
    if (!fits || (whole && !Number.isInteger(value))) invalid(name, what);
  };
const duration = number(0, LONGEST, `a number of milliseconds from 0 to ${LONGEST}`);
const string: Check = (name, value) => {
  if (typeof value !== 'string') invalid(name, 'a string');
};
const oneOf =
  (...values: string[]): Check =>
  (name, value) => {
    if (values.includes(value as string)) return;
    invalid(name, `one of ${values.map((each) => `'${each}'`).join(', ')}`);
  };
const boolean: Check = (name, value) => {
  if (typeof value !== 'boolean') invalid(name, 'true or false');
};
const url: Check = (name, value) => {
  resolveUrl(value, (sentence) => new TabcastError('invalid-option', `\`${name}\` ${sentence}`));
};
const object =
  (members: Record<string, Check>, required: string[] = []): Check =>
  (name, value) => {
    if (typeof value !== 'object' || value === null) {
      invalid(name, `an object with ${Object.keys(members).join(', ')}`);
    }
    const prefix = name ? `${name}.` : '';
    for (const [key, member] of Object.entries(value)) {
      const check = Object.hasOwn(members, key) ? members[key] : undefined;
      if (!check) {
        const known = Object.keys(members).join(', ');
        throw new TabcastError(
          'invalid-option',
          `There is no option \`${prefix}${key}\`; there are: ${known}.`,
        );
      }
      if (member !== undefined) check(prefix + key, member);
    }
    for (const key of required) {
      if ((value as Record<string, unknown>)[key] === undefined) {
        throw new TabcastError('invalid-option', `\`${prefix}${key}\` is needed.`);
      }
    }
  };

const checkAll = object({
  token: (name, value) => {
    if (typeof value !== 'string' && typeof value !== 'function') {
      invalid(name, 'a string or a function that returns one');
    }
  },
  identity: string,
  transport: oneOf('auto', 'eventsource', 'fetch'),
  host: oneOf('auto', 'shared-worker', 'leader', 'page'),
  cursor: oneOf('memory', 'persistent'),
  headers: (name, value) => {
    try {
      new Headers(value as HeadersInit);
    } catch {
      invalid(name, 'an object of valid header names and values');
    }
  },
  method: (name, value) => {
    if (typeof value !== 'string' || !/^[A-Za-z]+$/.test(value)) invalid(name, 'an HTTP method');
  },
  body: string,
  withCredentials: boolean,
  lastEventId: string,
  replay: number(0, 1_024, 'a whole number from 0 to 1024', true),
  sticky: (name, value) => {
    const fits = Array.isArray(value) && value.every((each) => typeof each === 'string');
    if (!fits) invalid(name, 'an array of event types');
  },
  backoff: object({
    base: duration,
    factor: number(1, 1_000, 'a number from 1 to 1000'),
    cap: duration,
    jitter: number(0, 1, 'a number from 0 to 1'),
    resetAfter: duration,
    maxAttempts: number(0, 2 ** 32 - 1, 'a whole number, 0 or more', true),
  }),
  connectTimeout: duration,
  watchdog: object({ firstData: duration, silence: duration }),
  poll: object({ url, interval: duration }, ['url']),
  pauseWhenHidden: (name, value) => {
    if (value !== false) duration(name, value);
  },
  validators: (name, value) => {
    const schemas = typeof value === 'object' && value ? Object.values(value) : [undefined];
    if (!schemas.every((schema) => schema?.['~standard'])) {
      invalid(name, 'an object of schemas of the Standard Schema');
    }
  },
  workerUrl: url,
});

function invalid(name: string, what: string): never {
  throw new TabcastError('invalid-option', `\`${name || 'options'}\` must be ${what}.`);
}

/** Throws a {@link TabcastError} that names the first option that is unknown or wrong. */
export function checkOptions(options: unknown): asserts options is ConnectOptions {
  checkAll('', options);
  const { transport, method, body } = options as ConnectOptions;
  if (transport === 'eventsource' && needsFetch(options as ConnectOptions)) {
    throw new TabcastError(
      'invalid-option',
      "An `EventSource` cannot set `headers`, `method` or `body`: write `transport: 'fetch'`.",
    );
  }
  if (body !== undefined && /^(GET|HEAD)?$/i.test(method ?? '')) {
    throw new TabcastError('invalid-option', "A `body` needs a `method`, for example 'POST'.");
  }
}

export function needsFetch({ headers, method, body }: ConnectOptions): boolean {
  return headers !== undefined || method !== undefined || body !== undefined;
}

/** What a page asks of its stream. */
export interface JoinOptions extends ConnectOptions {
  /** The connection behaves as the standard says of an `EventSource`. */
  standard?: true;
}

/** The part of the options that concerns the worker. */
export function streamOptions(options: JoinOptions): StreamOptions {
  const { transport, headers, poll, pauseWhenHidden, ...others } = options;
  const { token, identity, workerUrl, host, cursor, validators, replay, sticky, ...same } = others;
  const fetch = transport === 'fetch' || needsFetch(options);
  const crossing = {
    ...same,
    transport: fetch ? 'fetch' : 'eventsource',
    // As the browser will send them: `Headers` objects and pairs are welcome too.
    ...(headers && { headers: [...new Headers(headers)].flat() }),
    ...(poll && { poll: { ...poll, url: resolveUrl(poll.url).href } }),
    ...(typeof pauseWhenHidden === 'number' && { pauseWhenHidden }),
  };
  // What is given as `undefined` is not given, at any depth: the worker could not read it.
  return JSON.parse(JSON.stringify(crossing));
}

/** An absolute http(s) URL, resolved as the page resolves its own. */
export function resolveUrl(
  url: unknown,
  error = (sentence: string) => new TabcastError('invalid-url', `The URL ${sentence}`),
): URL {
  if (typeof url !== 'string' && !(url instanceof URL)) throw error('must be a string or a URL.');
  let resolved: URL;
  try {
    resolved = new URL(url, globalThis.document?.baseURI);
  } catch {
    throw error('cannot be parsed: write for example `/events` or `https://host/events`.');
  }
  if (!/^https?:$/.test(resolved.protocol)) throw error('must be http or https.');
  resolved.hash = '';
  return resolved;
}
