import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { root } from '../../../scripts/lib/paths.mjs';
import { inDevelopment } from '../../browser/harness/in-development.mjs';
import { appAround, componentOf, isComponent } from './components.mjs';

const require = createRequire(import.meta.url);
export const stageFolder = fileURLToPath(new URL('../stage', import.meta.url));
const packageMain = require.resolve('tabcast');

/** The package as the stage has it, and everything else from where an app would have it. */
const asInAnApp = {
  name: 'as in an app',
  setup({ onResolve }) {
    const stage = { path: '/stage/tabcast.js', external: true };
    onResolve({ filter: /^tabcast$/ }, () => stage);
    onResolve({ filter: /^tabcast\// }, ({ path }) => ({ path: require.resolve(path) }));
    // What the package's other entries share with the first has to be the same module.
    onResolve({ filter: /^\.\// }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === packageMain ? stage : undefined,
    );
    onResolve({ filter: /^\.\/session\.js$/ }, () => ({
      path: '/stage/session.js',
      external: true,
    }));
  },
};

/** Writes a block's page into the folder that the server serves. */
export async function writePage(www, block) {
  const html = join(www, 'blocks', `${block.id}.html`);
  mkdirSync(dirname(html), { recursive: true });
  const head =
    '<!doctype html><title>block</title><script type="module" src="/stage/stage.js"></script>';
  if (block.language === 'html') {
    writeFileSync(html, `${head}\n${block.code}`);
    return;
  }
  const [contents, loader, plugins] = isComponent(block)
    ? [appAround(block), 'js', [asInAnApp, componentOf(block)]]
    : [block.code, block.language, [asInAnApp]];
  const { outputFiles } = await build({
    stdin: { contents, loader, resolveDir: root, sourcefile: block.page },
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    ...inDevelopment,
    plugins,
    logLevel: 'silent',
  });
  writeFileSync(join(www, 'blocks', `${block.id}.js`), outputFiles[0].contents);
  writeFileSync(
    html,
    `${head}<main id="app"></main><script type="module" src="${block.id}.js"></script>`,
  );
}

/** Writes what all pages share. */
export function writeStage(www) {
  mkdirSync(join(www, 'stage'), { recursive: true });
  for (const name of readdirSync(stageFolder).filter((name) => name.endsWith('.js'))) {
    writeFileSync(join(www, 'stage', name), readFileSync(join(stageFolder, name)));
  }
}
