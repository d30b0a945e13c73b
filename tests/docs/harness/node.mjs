import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDir } from '../../../scripts/lib/paths.mjs';

/** Starts a block under Node, where the package's name leads to the package. */
export function startNode(block, server, env = {}) {
  const folder = join(generatedDir, 'docs', 'run');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${block.id}.mjs`);
  writeFileSync(file, block.code.replaceAll('http://127.0.0.1:3001', server.url));
  return spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** Runs a block under Node to its end, which has to be a good one; gives what it printed. */
export async function runNode(block, server) {
  const child = startNode(block, server);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`node ended with ${code}:\n${output}`);
  return output;
}
