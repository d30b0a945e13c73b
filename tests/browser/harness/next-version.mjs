import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { lazy } from '../../../scripts/build/bundles.mjs';
import { distDir, root } from '../../../scripts/lib/paths.mjs';

const pages = fileURLToPath(new URL('../pages', import.meta.url));
const constant = /(PROTOCOL = )(\d+)/;

/** The sources' own version of the protocol, and one more where they are bundled. */
const raised = {
  name: 'the next version of the protocol',
  setup({ onLoad }) {
    onLoad({ filter: /worker\/messages\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!constant.test(text)) throw new Error('worker/messages.ts has no PROTOCOL');
      const contents = text.replace(constant, (_, name, version) => name + (Number(version) + 1));
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * A folder to serve: the tests' pages, the package as it is after the next change of the protocol
 * under `next/`, and `next.html`, a page that uses it.
 */
export async function nextVersion() {
  const folder = mkdtempSync(join(tmpdir(), 'tabcast-next-'));
  cpSync(pages, folder, { recursive: true });
  await build({
    entryPoints: {
      index: join(root, 'page/index.ts'),
      worker: join(root, 'worker/index.ts'),
      host: join(root, 'worker/host.ts'),
    },
    bundle: true,
    external: lazy.map((name) => `./${name}.js`),
    format: 'esm',
    outdir: join(folder, 'next'),
    plugins: [raised],
  });
  for (const name of readdirSync(distDir).filter((name) => name.endsWith('.wasm'))) {
    cpSync(join(distDir, name), join(folder, 'next', name));
  }
  const next = (name) => readFileSync(join(pages, name), 'utf8');
  writeFileSync(join(folder, 'next.html'), next('tab.html').replace('tab.js', 'next.js'));
  writeFileSync(join(folder, 'next.js'), next('tab.js').replaceAll('/tabcast/', '/next/'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
