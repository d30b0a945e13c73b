import workerUrl from 'tabcast/inline-worker.js?url';
import { start } from './page.js';

start({ workerUrl });
