import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sentence } from '../../scripts/lib/log.mjs';
import { root } from '../../scripts/lib/paths.mjs';

const END = '<!-- End of what is written. -->';

/** Puts what a benchmark has printed into its place in docs/performance.md, and touches nothing else. */
export function write(bench, text) {
  const file = join(root, 'docs', 'performance.md');
  const page = readFileSync(file, 'utf8');
  const start = `<!-- Written by \`npm run bench -- ${bench} --write\`: -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0)
    throw new Sentence(`${file} has no place between "${start}" and "${END}".`);
  writeFileSync(file, `${page.slice(0, from)}${start}\n\n${text}\n\n${page.slice(to)}`);
}

export const asText = (table) => `\`\`\`text\n${table}\n\`\`\``;
