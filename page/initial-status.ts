import type { Status } from './types.js';

/** The status of a stream that is not connected, or not yet. */
export const INITIAL_STATUS: Status = {
  state: 'idle',
  attempt: 0,
  retryAt: null,
  reason: null,
  httpStatus: null,
  advice: null,
  transport: 'eventsource',
  host: 'shared-worker',
  lastEventId: '',
};
