import { cargoTool } from './cargo-tool.mjs';

/** The folder of wasm-pack, which runs the tests of `client-wasm/` in browsers. */
export const wasmPack = () =>
  cargoTool('wasm-pack', '0.15.1', { locked: true, about: 'a minute or two' });
