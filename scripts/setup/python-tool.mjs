import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from '../lib/log.mjs';
import { cacheDir } from '../lib/paths.mjs';
import { run, tryRun } from '../lib/run.mjs';
import { debianPackages } from './apt.mjs';

/**
 * The executable of a Python tool, in an environment of its own that is kept in the cache. Such an
 * environment knows its own path, so it cannot be made elsewhere and renamed: a file says that it
 * is whole.
 */
export async function pythonTool(name, version) {
  const folder = join(cacheDir, 'tools', `${name}-${version}`);
  const whole = join(folder, 'whole');
  if (!existsSync(whole)) {
    await python();
    await timed('setup', `pip install ${name}`, async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(join(cacheDir, 'tools'), { recursive: true });
      await run('python3', ['-m', 'venv', folder], { seconds: 120 });
      const install = ['install', '--quiet', '--disable-pip-version-check', `${name}==${version}`];
      await run(join(folder, 'bin', 'pip'), install, { seconds: 300 });
    });
    writeFileSync(whole, '');
  }
  return join(folder, 'bin', name);
}

async function python() {
  if ((await tryRun('python3', ['-c', 'import venv, ensurepip'])).code === 0) return;
  await debianPackages(
    { python3: '/usr/bin/python3', 'python3-venv': '/usr/share/doc/python3-venv/copyright' },
    'Testing the API against its document',
  );
}
