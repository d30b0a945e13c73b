/**
 * The runtime where there is no SharedWorker: in a leading tab, or in the page alone. A page
 * loads this only then.
 */
export { follow as leader } from './leader.js';
export { serveHere as page } from './page-host.js';
