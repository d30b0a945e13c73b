import { npmBin } from '../lib/paths.mjs';

const native = ['--workspace', '--exclude', 'tabcast-client-wasm'];
// The core is linted along with it; its own tests need crates that have no WebAssembly.
const wasm32 = ['-p', 'tabcast-client-wasm', '--target', 'wasm32-unknown-unknown'];

/**
 * What is checked, as lists that run side by side; within a list one step follows the other
 * (cargo's steps would only wait for each other's lock).
 *
 * @param {Record<string, string>} cargoEnv selects the toolchain that compiles to WebAssembly
 */
export const steps = (cargoEnv) => [
  [
    { name: 'rustfmt', command: ['cargo', 'fmt', '--all', '--check'] },
    {
      name: 'clippy',
      command: ['cargo', 'clippy', '--quiet', ...native, '--all-targets', '--', '-D', 'warnings'],
    },
    { name: 'clippy for wasm32', ...wasmLints(cargoEnv) },
    {
      name: 'cargo doc',
      command: ['cargo', 'doc', '--quiet', '--workspace', '--no-deps'],
      env: { RUSTDOCFLAGS: '-D warnings' },
    },
  ],
  [
    { name: 'biome', command: [npmBin('biome'), 'ci', '--error-on-warnings', '--colors=off'] },
    { name: 'types of page/', command: [npmBin('tsc'), '-p', 'tsconfig.page.json'] },
    { name: 'types of worker/', command: [npmBin('tsc'), '-p', 'tsconfig.worker.json'] },
    { name: 'types of scripts/, tests/browser/', command: [npmBin('tsc'), '-p', 'tsconfig.json'] },
    { name: 'knip', command: [npmBin('knip')] },
    { name: 'one version', command: [process.execPath, 'scripts/check/version.mjs'] },
    { name: 'size budgets', command: [process.execPath, 'scripts/check/budgets.mjs'] },
    { name: 'publint', command: [npmBin('publint'), '--strict'] },
    {
      name: 'types of the package',
      command: [
        ...[npmBin('attw'), '--pack', '.', '--profile', 'esm-only'],
        ...['--exclude-entrypoints', 'package.json'],
      ],
    },
  ],
];

/** The distribution's toolchain has no clippy: the compiler's own warnings are the most to be had there. */
function wasmLints(cargoEnv) {
  return cargoEnv.RUSTUP_TOOLCHAIN
    ? {
        command: ['cargo', 'check', '--quiet', ...wasm32, '--all-targets'],
        env: { ...cargoEnv, RUSTFLAGS: '-D warnings' },
      }
    : {
        command: ['cargo', 'clippy', '--quiet', ...wasm32, '--all-targets', '--', '-D', 'warnings'],
      };
}
