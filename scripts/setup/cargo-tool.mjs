import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { say, timed } from '../lib/log.mjs';
import { cacheDir } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

/**
 * The folder with the executables of a crate, built once and kept in the cache.
 *
 * The build goes to a folder of its own and is renamed when whole: what has the final name is never
 * a half install, whenever this was interrupted.
 *
 * @param {string} name the crate
 * @param {string} version
 * @param {object} options
 * @param {boolean} options.locked whether the crate's own lock file can be had
 * @param {string} options.about how long it takes, for the person who waits
 */
export async function cargoTool(name, version, { locked, about }) {
  const tools = join(cacheDir, 'tools');
  const final = join(tools, `${name}-${version}`);
  const bin = join(final, 'bin');
  if (existsSync(bin)) return bin;

  const partial = join(tools, `.${name}-${version}.${process.pid}`);
  mkdirSync(tools, { recursive: true });
  removeAbandoned(tools);
  say('setup', `${name} ${version} is missing; building it once takes ${about}`);
  try {
    await timed('setup', `cargo install ${name}`, () =>
      run(
        'cargo',
        [
          'install',
          name,
          '--version',
          version,
          '--root',
          partial,
          '--quiet',
          ...(locked ? ['--locked'] : []),
        ],
        { env: quickBuild(partial), seconds: 1200 },
      ),
    );
    rmSync(join(partial, 'build'), { recursive: true, force: true });
    publish(partial, final);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return bin;
}

/** These tools run for seconds and compile for minutes: spare the optimiser. */
function quickBuild(folder) {
  return {
    CARGO_TARGET_DIR: join(folder, 'build'),
    CARGO_PROFILE_RELEASE_OPT_LEVEL: '0',
    CARGO_PROFILE_RELEASE_LTO: 'off',
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16',
    CARGO_PROFILE_RELEASE_DEBUG: 'false',
  };
}

function publish(partial, final) {
  try {
    renameSync(partial, final);
  } catch (error) {
    // Another run finished the same install first.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  }
}

/** What interrupted runs left: some hundred megabytes each. */
function removeAbandoned(tools) {
  for (const name of readdirSync(tools)) {
    const pid = name.match(/^\..+\.(\d+)$/)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(join(tools, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
