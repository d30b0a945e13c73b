/** What went wrong, for code to tell apart. */
export type TabcastErrorCode =
  /** The URL cannot be parsed, or is neither http nor https. */
  | 'invalid-url'
  /** An option is unknown, of the wrong type, or out of its range. */
  | 'invalid-option'
  /** An event type is not a non-empty string of one line, or there are too many. */
  | 'invalid-event-type'
  /** A listener is not a function. */
  | 'invalid-listener';

/**
 * The one class of errors that Tabcast throws. The message is a sentence that says what to do.
 *
 * @public
 */
export class TabcastError extends Error {
  override readonly name = 'TabcastError';

  constructor(
    readonly code: TabcastErrorCode,
    message: string,
  ) {
    super(message);
  }
}
