import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { timed } from './log.mjs';
import { generatedDir } from './paths.mjs';

/** Every file under the given files and folders. */
export function filesUnder(...paths) {
  return paths.flatMap((path) => {
    if (!existsSync(path)) return [];
    if (!statSync(path).isDirectory()) return [path];
    return filesUnder(
      ...readdirSync(path)
        .sort()
        .map((name) => join(path, name)),
    );
  });
}

function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of filesUnder(...paths)) hash.update(`${path}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

/**
 * Runs `work` unless its inputs are byte for byte what they were when it last succeeded and its
 * outputs exist. By content, not by time: cargo and git touch files that did not change.
 */
export async function step(name, { inputs, outputs }, work) {
  const stamp = join(generatedDir, 'steps', name.replaceAll(/\W+/g, '-'));
  const now = fingerprint(inputs);
  const done =
    outputs.every((path) => existsSync(path)) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === now;
  if (done) return;
  rmSync(stamp, { force: true });
  await timed('build', name, work);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, now);
}
