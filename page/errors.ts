import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { TabEvent } from './types.js';

/** What went wrong, for code to tell apart. */
export type TabcastErrorCode =
  /** The URL cannot be parsed, or is neither http nor https. */
  | 'invalid-url'
  /** An option is unknown, of the wrong type, or out of its range. */
  | 'invalid-option'
  /** An event type is not a non-empty string of one line, or there are too many. */
  | 'invalid-event-type'
  /** A listener is not a function. */
  | 'invalid-listener'
  /** No worker answers: the stream is closed, or has not joined yet. */
  | 'no-answer'
  /** What is to be shown is no trace that an inspector exported. */
  | 'invalid-trace'
  /** The browser, or a page that is no secure context, lacks what is needed. */
  | 'unsupported'
  /** Events came faster than `oncePerBrowser`'s listener ran them, and one was dropped; or than who iterates over `events()` took them. */
  | 'too-many-waiting'
  /** An event does not fit its type's validator. */
  | 'invalid-event';

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
    /** With `invalid-event`: what the validator found. */
    readonly issues?: readonly StandardSchemaV1.Issue[],
    /** With `invalid-event`: the event, of which `json()` gives what is not validated. */
    readonly event?: TabEvent,
  ) {
    super(message);
  }
}
