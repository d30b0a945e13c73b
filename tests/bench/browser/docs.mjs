import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.mjs';
import { bars } from '../bars.mjs';
import { median } from '../statistics.mjs';
import { report, way } from './report.mjs';

const docs = join(root, 'docs');
const START = '<!-- Written by `npm run bench -- browser --write`: -->';
const END = '<!-- End of what is written. -->';

/** Puts the figures and a chart for each engine into docs/performance.md. */
export function writeDocs(results) {
  mkdirSync(join(docs, 'performance'), { recursive: true });
  const charts = Object.entries(results.engines).map(([engine, result]) => {
    const chart = `performance/throughput-${engine}.svg`;
    writeFileSync(join(docs, chart), throughputChart(engine, result));
    return `![Events a second, ${engine}](${chart})`;
  });
  const file = join(docs, 'performance.md');
  const [before, rest] = readFileSync(file, 'utf8').split(START);
  const after = rest.split(END)[1];
  const written = [START, ...charts, `\`\`\`text${report(results)}\n\`\`\``, END].join('\n\n');
  writeFileSync(file, `${before}${written}${after}`);
}

function throughputChart(engine, { throughput }) {
  const groups = throughput.map(({ tabs, size, write, results }) => ({
    title: `${tabs} ${tabs === 1 ? 'tab' : 'tabs'}, ${size} B, written ${way(write)}`,
    bars: Object.entries(results).map(([name, { rates }]) => ({
      name,
      value: median(rates) / 1_000,
    })),
  }));
  return bars(`Thousand events a second in each tab, ${engine}`, groups);
}
