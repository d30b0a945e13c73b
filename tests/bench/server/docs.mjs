import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.mjs';

const WRITTEN =
  /(<!-- Written by `npm run bench -- server --write`: -->).*?(<!-- End of what is written\. -->)/s;

/** Puts the table into docs/performance.md. */
export function writeDocs(text) {
  const file = join(root, 'docs', 'performance.md');
  const page = readFileSync(file, 'utf8');
  writeFileSync(file, page.replace(WRITTEN, `$1\n\n\`\`\`text\n${text}\n\`\`\`\n\n$2`));
}
