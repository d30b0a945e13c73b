import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';
import { apiTools } from '../setup/api-tools.mjs';

export const apiFolder = join(root, 'docs', 'api');

/** Writes the API reference, a page for each of the package's entries, from their comments. */
export async function generateApi(out = apiFolder) {
  const tools = await apiTools();
  const options = {
    plugin: join(tools, 'typedoc-plugin-markdown', 'dist', 'index.js'),
    tsconfig: join(root, 'tsconfig.page.json'),
    name: 'tabcast',
    readme: 'none',
    router: 'module',
    out,
    logLevel: 'Error',
    interfacePropertiesFormat: 'table',
    parametersFormat: 'table',
  };
  const flags = [
    ...['--excludeInternal', '--excludePrivate', '--excludeExternals', '--disableSources'],
    ...['--hideBreadcrumbs', '--hidePageHeader', '--skipErrorChecking'],
  ];
  await run(join(tools, '.bin', 'typedoc'), [
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
    ...flags,
    ...entries(),
  ]);
}

/** The sources of what a page may import. The worker's entries export nothing. */
function entries() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.values(exports)
    .map(({ types }) => types?.match(/^\.\/dist\/types\/(page\/.*)\.d\.ts$/)?.[1])
    .filter(Boolean)
    .map((path) => join(root, `${path}.ts`));
}
