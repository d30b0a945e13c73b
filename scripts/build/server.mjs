import { join } from 'node:path';
import { timed } from '../lib/log.mjs';
import { targetDir } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

export const serverBinary = join(targetDir, 'release', 'tabcast-server');

export const buildServer = () =>
  timed('build', 'tabcast-server', () =>
    run('cargo', ['build', '--quiet', '--release', '-p', 'tabcast-server']),
  );
