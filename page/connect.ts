import { checkOptions, resolveUrl } from './options.js';
import { TabStream } from './stream.js';
import type { ConnectOptions } from './types.js';

export { TabcastError } from './errors.js';

/**
 * Joins the event stream at `url`, which all tabs of this browser share. Where there is no
 * browser (server rendering) it connects to nothing and its status stays `idle`.
 *
 * @throws TabcastError `invalid-url` or `invalid-option`, with a sentence that says what to write.
 * @public
 */
export function connect<Events = Record<string, unknown>>(
  url: string | URL,
  options: ConnectOptions = {},
): TabStream<Events> {
  checkOptions(options);
  if (typeof window === 'undefined') return new TabStream<Events>(String(url), options);
  return new TabStream<Events>(resolveUrl(url).href, options);
}
