import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from '../lib/log.mjs';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

/** Installs the pinned packages unless node_modules is exactly what the lock file says. */
export async function nodeModules() {
  if (isInstalled()) return;
  await timed('setup', 'npm ci', () =>
    run('npm', ['ci', '--no-audit', '--no-fund'], { seconds: 600 }),
  );
}

/** npm writes its own lock file into node_modules last, so a half install has none. */
function isInstalled() {
  const installedLock = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const installed = packages(installedLock);
  const wanted = packages(join(root, 'package-lock.json'));
  delete wanted[''];
  return (
    Object.keys(installed).every((path) => path in wanted) &&
    Object.entries(wanted).every(([path, { version, optional }]) =>
      // Packages for other systems are optional and absent here.
      path in installed ? installed[path].version === version : optional,
    )
  );
}

const packages = (lockFile) => JSON.parse(readFileSync(lockFile, 'utf8')).packages;
