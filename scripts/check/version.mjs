import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, Sentence } from '../lib/log.mjs';
import { root } from '../lib/paths.mjs';

// npm and cargo each want the version in a file of their own.
await main(async () => {
  const read = (file) => readFileSync(join(root, file), 'utf8');
  const { version } = JSON.parse(read('package.json'));
  const workspace = read('Cargo.toml').match(/^\[workspace\.package\]\nversion = "([^"]*)"$/m)?.[1];
  if (version === workspace) return;
  throw new Sentence(
    `package.json has the version ${version}, the workspace of Cargo.toml ${workspace}: write the same.`,
  );
});
