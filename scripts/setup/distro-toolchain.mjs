import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timed } from '../lib/log.mjs';
import { run } from '../lib/run.mjs';
import { debianPackages } from './apt.mjs';

export const distroToolchainName = 'wasm';

/**
 * Debian's Rust with a WebAssembly standard library built from Debian's own source, linked into
 * rustup under one name. For machines where rustup cannot download its target.
 *
 * Debian's compiler and Debian's library source are of one version; rustup's compiler could not
 * build that source.
 */
export async function distroToolchain() {
  await debianPackages(
    {
      'rustc-web': '/usr/bin/rustc',
      'cargo-web': '/usr/bin/cargo',
      'rust-web-src': '/usr/lib/rustlib/src/rust',
      'rust-web-llvm': '/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld',
      'lld-22': '/usr/bin/lld-22',
    },
    'Compiling to WebAssembly',
  );
  const folder = mkdtempSync(join(tmpdir(), 'tabcast-wasm-std-'));
  try {
    await timed('setup', 'building the standard library for WebAssembly', () => buildStd(folder));
    await installStd(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await run('rustup', ['toolchain', 'link', distroToolchainName, '/usr']);
}

/** An empty crate is enough: `-Zbuild-std` compiles the libraries that it could have used. */
async function buildStd(folder) {
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'lib.rs'), '#![no_std]\n');
  writeFileSync(
    join(folder, 'Cargo.toml'),
    '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2024"\n\n[profile.release]\npanic = "abort"\n\n[workspace]\n',
  );
  await run(
    '/usr/bin/cargo',
    [
      'build',
      '--release',
      '-Zbuild-std=std,panic_abort,test',
      '--target',
      'wasm32-unknown-unknown',
    ],
    {
      cwd: folder,
      // Without the bitcode `lto = true` fails later; without `test` so does `cargo test` for the target.
      env: {
        RUSTFLAGS: '-Cembed-bitcode=yes -Copt-level=s',
        RUSTC: '/usr/bin/rustc',
        RUSTC_BOOTSTRAP: '1',
        CARGO_TARGET_DIR: join(folder, 'target'),
      },
      seconds: 900,
    },
  );
}

async function installStd(folder) {
  const { stdout } = await run('/usr/bin/rustc', [
    '--print',
    'target-libdir',
    '--target',
    'wasm32-unknown-unknown',
  ]);
  const libraries = stdout.trim();
  mkdirSync(libraries, { recursive: true });
  const built = join(folder, 'target', 'wasm32-unknown-unknown', 'release', 'deps');
  for (const name of readdirSync(built)) {
    if (name.endsWith('.rlib') && !name.startsWith('libempty-'))
      copyFileSync(join(built, name), join(libraries, name));
  }
}
