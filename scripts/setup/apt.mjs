import { existsSync } from 'node:fs';
import { Missing, timed } from '../lib/log.mjs';
import { run, tryRun } from '../lib/run.mjs';

let turn = Promise.resolve();

/**
 * Sees to it that every file of `wanted` exists, installing the Debian package that has it.
 *
 * @param {Record<string, string>} wanted package -> a file that it brings
 * @param {string} purpose what needs it, for the sentence on a machine where we may not install
 */
export function debianPackages(wanted, purpose) {
  // One after the other: apt-get waits for the lock on packages, and fails at once for that on lists.
  const installed = turn.then(() => install(wanted, purpose));
  turn = installed.catch(() => {});
  return installed;
}

async function install(wanted, purpose) {
  const missing = Object.keys(wanted).filter((name) => !existsSync(wanted[name]));
  if (missing.length === 0) return;
  const command = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid?.() !== 0 || (await tryRun('apt-get', ['--version'])).code !== 0) {
    throw new Missing(
      `${purpose} needs ${missing.join(', ')}, which may not be installed from here. ` +
        `Run this, then the same command again:\n    sudo apt-get update && sudo apt-get ${command.join(' ')}`,
    );
  }
  await timed('setup', `apt-get install ${missing.join(' ')}`, async () => {
    // The lists may be older than the archive; an install from old lists meets files that are gone.
    await apt(['update']);
    await apt(command);
  });
}

const apt = (args) =>
  run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::http::Timeout=60', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    seconds: 900,
  });
