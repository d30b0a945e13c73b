import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Cargo's output folder, shared by every step that builds Rust. */
export const targetDir = process.env.CARGO_TARGET_DIR ?? join(root, 'target');

/** What our own steps generate. `worker/` imports from here, so it does not follow CARGO_TARGET_DIR. */
export const generatedDir = join(root, 'target');

export const distDir = join(root, 'dist');

/** Slow, versioned things live here, so that a new clone or `cargo clean` does not cost them again. */
export const cacheDir =
  process.env.TABCAST_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tabcast');

/** The executable of a package from node_modules. */
export const npmBin = (name) => join(root, 'node_modules', '.bin', name);
