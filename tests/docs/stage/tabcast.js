// The package, with a note of each stream that a block opens.
import * as real from '/tabcast/index.js';
import { opened } from './stage.js';

export * from '/tabcast/index.js';

export const connect = (...args) => opened(real.connect(...args));

export const SharedEventSource =
  'SharedEventSource' in real
    ? class extends real.SharedEventSource {
        constructor(...args) {
          super(...args);
          opened(this);
        }
      }
    : undefined;
