import { checkOptions, resolveUrl } from './options.js';
import { TabStream } from './stream.js';
import type { ConnectOptions } from './types.js';
import type { Validated, Validators, ValidatorsOf } from './validators.js';

export { TabcastError } from './errors.js';

/**
 * Joins the event stream at `url`, which all tabs of this browser share. Where there is no
 * browser (server rendering) it connects to nothing and its status stays `idle`.
 *
 * @throws TabcastError `invalid-url` or `invalid-option`, with a sentence that says what to write.
 * @public
 */
export function connect<Schemas extends Validators>(
  url: string | URL,
  options: ConnectOptions & { validators: Schemas },
): TabStream<Validated<Schemas>>;
export function connect<Events = Record<string, unknown>>(
  url: string | URL,
  options?: ConnectOptions & { validators?: ValidatorsOf<Events> },
): TabStream<Events>;
export function connect(url: string | URL, options: ConnectOptions = {}): TabStream {
  checkOptions(options);
  if (typeof window === 'undefined') return new TabStream(String(url), options);
  return new TabStream(resolveUrl(url).href, options);
}
