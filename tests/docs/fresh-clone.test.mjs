import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { root } from '../../scripts/lib/paths.mjs';

const scripts = readdirSync(join(root, 'scripts')).filter((name) => name.endsWith('.mjs'));

for (const script of scripts) {
  test(`on a fresh clone scripts/${script} can be loaded: it installs what it needs`, async () => {
    const entry = `scripts/${script}`;
    const { metafile } = await build({
      entryPoints: [entry],
      absWorkingDir: root,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      metafile: true,
      write: false,
      outdir: 'nowhere',
    });
    assert.deepEqual(packagesOf(metafile.inputs, entry), []);
  });
}

/** The packages that are loaded with a file, and not only once it has begun. */
function packagesOf(inputs, entry) {
  const packages = [];
  const files = new Set([entry]);
  for (const file of files) {
    for (const { path, kind, external } of inputs[file].imports) {
      if (kind !== 'import-statement') continue;
      if (!external) files.add(path);
      else if (!path.startsWith('node:')) packages.push(`${file}: ${path}`);
    }
  }
  return packages;
}
