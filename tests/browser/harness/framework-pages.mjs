import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compile, compileModule } from 'svelte/compiler';
import { inDevelopment } from './in-development.mjs';

const folder = fileURLToPath(new URL('../frameworks', import.meta.url));

/** The package itself stays where the server has it, as one file for all that import it. */
const servedPackage = {
  name: 'served-package',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/index\.js$/ }, ({ importer }) =>
      importer.includes('/dist/') ? { path: '/tabcast/index.js', external: true } : undefined,
    );
  },
};

const svelte = {
  name: 'svelte',
  setup({ onLoad }) {
    const code = (path) => readFileSync(path, 'utf8');
    onLoad({ filter: /\.svelte$/ }, ({ path }) => ({
      contents: compile(code(path), { filename: path }).js.code,
    }));
    onLoad({ filter: /\.svelte\.js$/ }, ({ path }) => ({
      contents: compileModule(code(path), { filename: path }).js.code,
    }));
  },
};

/** Builds a page for each framework, as an app in development, into a new folder. */
export async function buildFrameworkPages(pages) {
  const outdir = mkdtempSync(join(tmpdir(), 'tabcast-frameworks-'));
  await build({
    entryPoints: pages.map((page) => join(folder, page)),
    outdir,
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    jsxDev: true,
    ...inDevelopment,
    plugins: [servedPackage, svelte],
  });
  for (const page of pages) {
    const name = page.replace(/\..*/, '');
    writeFileSync(
      join(outdir, `${name}.html`),
      `<!doctype html><title>${name}</title><body><script type="module" src="${name}.js"></script>`,
    );
  }
  return outdir;
}
