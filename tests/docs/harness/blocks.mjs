import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../../../scripts/lib/paths.mjs';

/** What each language can be marked with; `not-run` and `run-by` are for all of them. */
const marks = {
  js: ['continued', 'story', 'node'],
  ts: ['continued', 'story'],
  jsx: ['continued', 'story'],
  tsx: ['continued', 'story'],
  html: ['story'],
  sh: [],
  nginx: ['story'],
  caddyfile: ['story'],
  json: [],
  vue: [],
  svelte: [],
  text: [],
};

/** Pages whose blocks another suite runs whole. */
const elsewhere = { 'server.md': 'test-server/tests/http/manual.rs' };

/** The README and every page of `docs/`, as paths from the repository's root. */
export function pages() {
  const inDocs = (folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md') && !(name in elsewhere))
      .map((name) => `${folder}/${name}`);
  return ['README.md', ...inDocs('docs'), ...inDocs('docs/guide')];
}

/**
 * A code block of a page.
 *
 * @typedef {object} Block
 * @property {string} id names it in tests, URLs and files
 * @property {string} page the file that it stands in
 * @property {number} line of its first line of code
 * @property {string} language
 * @property {Record<string, string | true>} marks
 * @property {string} code with that of the blocks that it continues
 * @property {boolean} isContinued whether a later block goes on with it
 */

/** The blocks of a page, in order. A mark that is unknown is an error: it would check nothing. */
export function blocksOf(page) {
  return parseBlocks(page, readFileSync(join(root, page), 'utf8'));
}

/** @returns {Block[]} */
function parseBlocks(page, text) {
  /** @type {Block[]} */
  const blocks = [];
  for (const { 1: info, 2: own, index } of text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)) {
    const line = text.slice(0, index).split('\n').length + 1;
    const where = `${page}:${line}`;
    const [language = '', ...words] = info.trim().split(/\s+/);
    const known = marks[language];
    if (!known) throw new Error(`${where}: a block has to name one of ${Object.keys(marks)}`);
    const ownMarks = Object.fromEntries(
      words.map((word) => {
        const [name, value = true] = word.split('=');
        if (![...known, 'not-run', 'run-by'].includes(name)) {
          throw new Error(`${where}: a ${language} block cannot be marked "${name}"`);
        }
        return [name, value];
      }),
    );
    let code = own;
    if (ownMarks.continued) {
      const start = blocks.findLast((block) => block.language === language);
      if (!start) throw new Error(`${where}: there is no ${language} block to continue`);
      start.isContinued = true;
      code = start.code + own;
    }
    const id = `${basename(page, '.md').toLowerCase()}-${line}`;
    blocks.push({ id, page, line, language, marks: ownMarks, code, isContinued: false });
  }
  return blocks;
}

/** Whether it is for a page in the browser. */
export const isScript = ({ language, marks }) =>
  ['js', 'ts', 'jsx', 'tsx'].includes(language) && !marks['run-by'];
