import { nodeModules } from './node-modules.mjs';
import { rust } from './rust.mjs';
import { wasmBindgen } from './wasm-bindgen.mjs';
import { wasmTarget } from './wasm-target.mjs';

/** Everything that building the package needs, installed where it is missing. */
export async function buildTools() {
  await rust();
  const [cargoEnv, bindgenDir] = await Promise.all([wasmTarget(), wasmBindgen(), nodeModules()]);
  return { cargoEnv, bindgenDir };
}
