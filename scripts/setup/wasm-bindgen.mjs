import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sentence } from '../lib/log.mjs';
import { root } from '../lib/paths.mjs';
import { cargoTool } from './cargo-tool.mjs';

/** The folder of wasm-bindgen's CLI: it must be of exactly the version that the crate was built with. */
export function wasmBindgen() {
  // Its lock file names a version that is no longer to be had.
  return cargoTool('wasm-bindgen-cli', lockedVersion('wasm-bindgen'), {
    locked: false,
    about: 'about a minute',
  });
}

function lockedVersion(crate) {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const version = lock.match(new RegExp(`^name = "${crate}"\\nversion = "(.+)"$`, 'm'))?.[1];
  if (!version) throw new Sentence(`Cargo.lock does not name ${crate}.`);
  return version;
}
