import { TabcastError } from './errors.js';
import { checkOptions, needsFetch } from './options.js';
import type { ConnectOptions } from './types.js';

/**
 * What a `SharedEventSource` takes beside the standard's `withCredentials`: the options of
 * `connect()`. Those that are rules for the connection (`backoff`, `connectTimeout`, `watchdog`,
 * `poll`, `pauseWhenHidden`) need `resilient`.
 *
 * @public
 */
export interface SharedEventSourceInit extends Omit<ConnectOptions, 'validators'> {
  /**
   * Whether Tabcast's rules for the connection apply in place of the standard's: what would fail
   * an `EventSource` for good is retried, and a mute stream is noticed. From outside that is an
   * `error` event with `readyState` CONNECTING. Default: false.
   */
  resilient?: boolean;
}

/** The options that are rules for the connection. The standard has its own. */
const rules = ['backoff', 'connectTimeout', 'watchdog', 'poll', 'pauseWhenHidden'] as const;

/** The second argument, as Web IDL converts a dictionary. */
export function readInit(init: unknown): { resilient: boolean; options: ConnectOptions } {
  if (init === undefined || init === null) return { resilient: false, options: {} };
  if (typeof init !== 'object' && typeof init !== 'function') {
    throw new TypeError("An EventSource's second argument must be an object.");
  }
  const { resilient = false, ...given } = init as SharedEventSourceInit;
  if (typeof resilient !== 'boolean') {
    throw new TabcastError('invalid-option', '`resilient` must be true or false.');
  }
  // Members may be inherited, and any value is true or false.
  const options = { ...given, withCredentials: !!(init as EventSourceInit).withCredentials };
  checkOptions(options);
  if ('validators' in given) {
    throw new TabcastError('invalid-option', '`validators` are for `connect()`.');
  }
  const rule = rules.find((name) => options[name] !== undefined);
  if (rule && !resilient) {
    throw new TabcastError(
      'invalid-option',
      `\`${rule}\` is no rule of the standard: write \`resilient: true\` beside it.`,
    );
  }
  return { resilient, options };
}

/** The URL, resolved as the page resolves its own. */
export function parseUrl(url: unknown): URL {
  const text = `${url}`;
  const resolved = URL.canParse(text, document.baseURI) && new URL(text, document.baseURI);
  // Chromium escapes what no host may have in it, where the standard fails.
  if (!resolved || (/^(https?|ftp|wss?):/.test(resolved.href) && /%/.test(resolved.host))) {
    throw new DOMException(`Cannot open an EventSource to '${text}'.`, 'SyntaxError');
  }
  return resolved;
}

/** Whether the runtime can fetch a URL of this kind. Others are a network error, as in browsers. */
export function isFetchable({ protocol }: URL): boolean {
  return /^(https?|data|blob):$/.test(protocol);
}

/**
 * How a stream of the standard's is read. `fetch` sees more than the engines' own `EventSource`
 * does, but to another origin it asks for leave to send `Last-Event-ID` and does not tell a
 * refusal from a broken network. See docs/decisions/035-the-transport-of-a-shared-event-source.md.
 */
export function transportFor(url: URL, options: ConnectOptions): 'eventsource' | 'fetch' {
  const { transport = 'auto' } = options;
  if (transport !== 'auto') return transport;
  const local = url.origin === location.origin || /^(data|blob):$/.test(url.protocol);
  return local || needsFetch(options) ? 'fetch' : 'eventsource';
}
