import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { root } from '../../scripts/lib/paths.mjs';
import { blocksOf, isScript, pages } from './harness/blocks.mjs';
import { isComponent } from './harness/components.mjs';
import { runNode } from './harness/node.mjs';
import { checkCommands, runShell } from './harness/shell.mjs';
import { run, Stage } from './harness/stage.mjs';
import { typeErrors } from './harness/types.mjs';

// `DOCS=resume npm test -- docs` runs the pages whose name has that in it.
const wanted = pages().filter((page) => page.includes(process.env.DOCS ?? ''));
const blocks = wanted.flatMap(blocksOf);

/** @type {Stage} */
let stage;
before(async () => {
  stage = await Stage.start();
});
after(() => stage?.stop());

test('the scripts of all pages fit the types', async () => {
  assert.equal(
    await typeErrors(blocks.filter((block) => isScript(block) && !block.isContinued)),
    '',
  );
});

for (const page of wanted) {
  const commands = blocks.filter((block) => block.page === page && isCommand(block));
  if (commands.length === 0) continue;
  test(`${page}: its commands`, () => runShell(commands, stage.server));
}

for (const block of blocks) {
  const check = checkOf(block);
  if (!check) continue;
  test(`${block.page}:${block.line} (${block.language})`, { timeout: 60_000 }, async () => {
    try {
      await check();
    } finally {
      await stage.clear();
    }
  });
}

function isCommand({ language, marks }) {
  return language === 'sh' && !marks['not-run'] && !marks['run-by'];
}

/** What to do with a block; nothing where it is done as a part of something else. */
function checkOf(block) {
  const { language, marks, code, page } = block;
  if (marks['run-by']) return () => isRunBy(marks['run-by'], page);
  if (language === 'json') return () => JSON.parse(code);
  if (language === 'sh') return marks['not-run'] ? () => checkCommands(block) : undefined;
  if (marks['not-run'] || language === 'text') return undefined;
  if (marks.story) return async () => (await story(page, marks.story))(stage, block);
  if (block.isContinued) return undefined;
  if (marks.node) return () => runNode(block, stage.server);
  if (isScript(block) || isComponent(block) || language === 'html') return () => run(stage, block);
  throw new Error(`${page}:${block.line}: a ${language} block needs a story, run-by or not-run`);
}

/** Another suite says that it runs the page. */
function isRunBy(file, page) {
  assert.ok(existsSync(join(root, file)), `there is no ${file}`);
  assert.ok(
    readFileSync(join(root, file), 'utf8').includes(basename(page)),
    `${file} does not name ${basename(page)}`,
  );
}

/** `stories/<page>.mjs` exports how its blocks are played through. */
async function story(page, name) {
  const stories = await import(`./stories/${basename(page, '.md').toLowerCase()}.mjs`);
  assert.ok(stories[name], `there is no story "${name}" for ${page}`);
  return stories[name];
}
