// Each a file of its own in the package, so that a page gets what it imports and no more.
export { connect, TabcastError } from './connect.js';
export type { TabcastErrorCode } from './errors.js';
export type { SharedEventSourceInit } from './event-source-init.js';
export type {
  Counters,
  Inspection,
  StreamInspection,
  TabInspection,
  Timer,
  Transition,
} from './inspection.js';
export type { Lag, Metrics, MetricsOptions, Warning } from './metrics.js';
export { SharedEventSource, type SharedEventSourceConstructor } from './shared-event-source.js';
export type { TabStream } from './stream.js';
export type { ConnectOptions, EventOf, Gap, Reason, Status, TabEvent } from './types.js';
export type { Validated, Validators, ValidatorsOf } from './validators.js';
