import { serveTabs } from './shared-worker.js';

// Written out in full: bundlers find the file by exactly this expression.
serveTabs(new URL('tabcast.wasm', import.meta.url));
