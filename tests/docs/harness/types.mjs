import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatedDir, npmBin } from '../../../scripts/lib/paths.mjs';
import { tryRun } from '../../../scripts/lib/run.mjs';
import { stageFolder } from './page.mjs';

const compilerOptions = {
  target: 'es2022',
  module: 'esnext',
  // Below the package's own folder its name leads to its `exports`, as it does in an app.
  moduleResolution: 'bundler',
  lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
  jsx: 'react-jsx',
  skipLibCheck: true,
  noEmit: true,
  types: [],
};

/** How strictly blocks are checked: TypeScript as a careful app does, JavaScript as an editor does. */
const kinds = {
  ts: { strict: true, noUncheckedIndexedAccess: true, allowJs: true },
  js: { strict: false, allowJs: true, checkJs: true },
  node: { strict: false, allowJs: true, checkJs: true, types: ['node'] },
};

const kindOf = ({ language, marks }) =>
  marks.node ? 'node' : language.startsWith('ts') ? 'ts' : 'js';

/** What the compiler says of these blocks; empty where it has nothing to say. */
export async function typeErrors(blocks) {
  const outputs = await Promise.all(
    Object.keys(kinds).map((kind) =>
      check(
        kind,
        blocks.filter((block) => kindOf(block) === kind),
      ),
    ),
  );
  return outputs.join('').trim();
}

async function check(kind, blocks) {
  if (blocks.length === 0) return '';
  const folder = join(generatedDir, 'docs', kind);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(stageFolder).filter((name) =>
    /^(stage\.d\.ts|session\.js)$/.test(name),
  )) {
    copyFileSync(join(stageFolder, name), join(folder, name));
  }
  for (const { id, language, code } of blocks) {
    // A block without imports is a module too: its names are its own.
    writeFileSync(join(folder, `${id}.${language}`), `${code}\nexport {};\n`);
  }
  const config = {
    compilerOptions: { ...compilerOptions, ...kinds[kind] },
    include: ['*'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { code, output } = await tryRun(npmBin('tsc'), ['-p', folder, '--pretty', 'false']);
  return code === 0 ? '' : output.split('\n').filter(counts(kind)).join('\n');
}

/** JavaScript cannot say what an event's JSON holds, and the compiler does not know. */
const counts = (kind) => (line) =>
  kind === 'ts' || !/TS18046|TS2339: .* on type '(unknown|\{\})'/.test(line);
