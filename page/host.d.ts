// The build leaves `worker/host.ts` as `host.js` beside the page's own bundle, which loads it only
// where there is no SharedWorker.
export { leader, page } from '../worker/host.js';
