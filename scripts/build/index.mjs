import { buildTools } from '../setup/index.mjs';
import { rust } from '../setup/rust.mjs';
import { bundle, bundleInlineWorker, bundleTypes } from './bundles.mjs';
import { buildServer } from './server.mjs';
import { buildGlue, optimiseWasm } from './wasm.mjs';

/** Everything that runs: the package in dist/ and the server. Gives the tools that the set-up found. */
export async function build() {
  await rust();
  // On an empty machine both halves take minutes and neither keeps two cores busy alone.
  const [tools] = await Promise.all([buildPackage(), buildServer()]);
  return tools;
}

/** The package alone, for those who work on it. */
export async function buildPackage() {
  const tools = await buildTools();
  await buildGlue(tools);
  await Promise.all([optimiseWasm().then(bundleInlineWorker), bundle(), bundleTypes()]);
  return tools;
}
