import { existsSync } from 'node:fs';
import { Missing } from '../lib/log.mjs';
import { tryRun } from '../lib/run.mjs';
import { debianPackages } from './apt.mjs';

/** Rust itself is not ours to install; the C linker that rustc calls is one package. */
export async function rust() {
  if ((await tryRun('cargo', ['--version'])).code !== 0) {
    throw new Missing(
      'Rust is missing: install it with rustup (https://rustup.rs), then run the same command again.',
    );
  }
  const hasLinker = (process.env.PATH ?? '')
    .split(':')
    .some((folder) => existsSync(`${folder}/cc`));
  if (!hasLinker) await debianPackages({ 'build-essential': '/usr/bin/cc' }, 'Compiling Rust');
}
