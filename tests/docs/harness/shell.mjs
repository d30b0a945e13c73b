import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.mjs';
import { tryRun } from '../../../scripts/lib/run.mjs';

/** `npm install tabcast` as it will be: of what `npm pack` makes, in place of what is published. */
const npmOfThisPackage = `
npm() {
  if [ "$*" != "install tabcast" ]; then echo "npm $*: only 'install tabcast' can be run"; return 1; fi
  local packed
  packed=$(command npm pack --silent --ignore-scripts --pack-destination "$PWD" "$ROOT")
  command npm install --silent --prefer-offline --no-audit --no-fund "./$packed"
}
`;

/** Runs a page's commands in one shell, in a folder of their own; each has to succeed. */
export async function runShell(blocks, server) {
  const folder = mkdtempSync(join(tmpdir(), 'tabcast-shell-'));
  const commands = blocks.map(({ code }) => code).join('\n');
  const script = `set -e -o pipefail\n${npmOfThisPackage}\n${commands}`;
  try {
    const { code, output } = await tryRun(
      'bash',
      ['-c', script.replaceAll('http://127.0.0.1:3001', server.url)],
      { cwd: folder, env: { ROOT: root }, seconds: 60 },
    );
    if (code !== 0) throw new Error(output);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Commands for another place are at least those of this repository. */
export function checkCommands({ code }) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const [command, script = command.split(' ')[1]] of code.matchAll(
    /^npm (?:run (\S+)|start|test)/gm,
  )) {
    if (!(script in scripts)) throw new Error(`package.json has no script for "${command}"`);
  }
  execFileSync('bash', ['-n', '-c', code]);
}
