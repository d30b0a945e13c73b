import { existsSync, readdirSync } from 'node:fs';
import { Missing, notice, timed } from '../lib/log.mjs';
import { tryRun } from '../lib/run.mjs';
import { distroToolchain, distroToolchainName } from './distro-toolchain.mjs';

const target = 'wasm32-unknown-unknown';

/**
 * Makes Rust able to compile to WebAssembly and gives the environment in which cargo does it:
 * rustup's target where it can be had, else the distribution's toolchain.
 */
export async function wasmTarget() {
  if (await canCompile({})) return {};
  const distro = { RUSTUP_TOOLCHAIN: distroToolchainName };
  if (await canCompile(distro)) return distro;

  // rustup has no time limit of its own, and behind a registry mirror its downloads may never come.
  const added = await timed('setup', `rustup target add ${target}`, () =>
    tryRun('rustup', ['target', 'add', target], { seconds: 120 }),
  );
  if (added.code === 0) return {};
  notice(
    `rustup could not add ${target}; taking the distribution's Rust instead (about 2 minutes, once).\n${added.output.trim()}`,
  );
  await distroToolchain();
  if (await canCompile(distro)) return distro;
  throw new Missing(
    `Rust cannot compile to WebAssembly here. Run this, then the same command again:\n    rustup target add ${target}`,
  );
}

/** Whether the toolchain that this environment selects has the target's standard library. */
async function canCompile(env) {
  const { code, stdout } = await tryRun('rustc', ['--print', 'target-libdir', '--target', target], {
    env,
  });
  const folder = stdout.trim();
  return (
    code === 0 &&
    existsSync(folder) &&
    readdirSync(folder).some((name) => name.startsWith('libstd-'))
  );
}
