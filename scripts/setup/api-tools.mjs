import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { timed } from '../lib/log.mjs';
import { cacheDir, root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

const source = join(root, 'scripts', 'api');

/**
 * Installs the generator of the API reference and gives its node_modules. It has a lock file of its
 * own: it needs a TypeScript with a compiler API, which the repository's own does not have.
 */
export async function apiTools() {
  const lock = readFileSync(join(source, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const folder = join(cacheDir, `api-${key}`);
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true });
    const scratch = mkdtempSync(`${folder}.`);
    for (const name of ['package.json', 'package-lock.json']) {
      copyFileSync(join(source, name), join(scratch, name));
    }
    const install = ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    await timed('setup', 'the generator of the API reference', () =>
      run('npm', install, { cwd: scratch, seconds: 300 }),
    );
    renameSync(scratch, folder);
  }
  return join(folder, 'node_modules');
}
