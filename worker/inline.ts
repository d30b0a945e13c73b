// The worker in one file, for hosts that serve no `.wasm`: the build puts the bytes in here.
import wasm from '../dist/tabcast.wasm';
import { serveTabs } from './shared-worker.js';

serveTabs(wasm);
