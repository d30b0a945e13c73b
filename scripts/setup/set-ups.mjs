import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Missing, timed } from '../lib/log.mjs';
import { cacheDir, root } from '../lib/paths.mjs';
import { tryRun } from '../lib/run.mjs';

/** The apps that `tests/packaging` builds, each a folder with packages of its own. */
export const setUpsFolder = join(root, 'tests', 'packaging', 'set-ups');

const manifests = ['package.json', 'package-lock.json'];

/** Installs every set-up's packages, once for each content of its lock file. */
export async function setUps() {
  const names = readdirSync(setUpsFolder).filter((name) =>
    existsSync(join(setUpsFolder, name, 'package-lock.json')),
  );
  // Not side by side: on two cores they only take each other's time.
  for (const name of names) await install(name);
}

/** Where a set-up's packages are. What is put below that folder finds them, as npm does. */
export function setUpCache(name) {
  const lock = readFileSync(join(setUpsFolder, name, 'package-lock.json'));
  const key = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  return join(cacheDir, 'set-ups', `${name}-${key}`);
}

async function install(name) {
  const folder = setUpCache(name);
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.`);
  for (const file of manifests) cpSync(join(setUpsFolder, name, file), join(scratch, file));
  const { code, output } = await timed('setup', `packages of the set-up ${name}`, () =>
    tryRun('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], {
      cwd: scratch,
      seconds: 600,
    }),
  );
  if (code !== 0) {
    rmSync(scratch, { recursive: true, force: true });
    throw new Missing(`The packages of tests/packaging/set-ups/${name} could not be installed.`, {
      output,
    });
  }
  // Another run may have been faster: theirs is as good.
  if (existsSync(folder)) rmSync(scratch, { recursive: true, force: true });
  else renameSync(scratch, folder);
}
