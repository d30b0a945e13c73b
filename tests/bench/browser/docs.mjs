import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../scripts/lib/paths.mjs';
import { bars } from '../bars.mjs';
import { lines } from '../lines.mjs';
import { median } from '../statistics.mjs';
import { asText, write } from '../written.mjs';
import { report, way } from './report.mjs';

const docs = join(root, 'docs');

/** What grows, as the charts say it. */
const GROWTH = {
  tabs: 'tabs',
  bytes: 'bytes of data in an event, 5 tabs',
  types: 'types that a tab listens for',
  streams: 'streams',
};

/** Puts the figures and a chart for each engine into docs/performance.md. */
export function writeDocs(results) {
  mkdirSync(join(docs, 'performance'), { recursive: true });
  const charts = Object.entries(results.engines).map(([engine, result]) => {
    const chart = `performance/throughput-${engine}.svg`;
    writeFileSync(join(docs, chart), throughputChart(engine, result));
    return `![Events a second, ${engine}](${chart})`;
  });
  for (const [by, what] of Object.entries(results.growth ? GROWTH : {})) {
    const chart = `performance/growth-${by}.svg`;
    writeFileSync(join(docs, chart), growthChart(by, what, results.growth));
    charts.push(`![CPU for each event by ${what}](${chart})`);
  }
  write('browser', [...charts, asText(report(results).trim())].join('\n\n'));
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

function growthChart(by, what, { rows }) {
  const chosen = rows.filter((row) => row.by === by);
  const series = Object.keys(chosen[0].figures).map((name) => ({
    name,
    points: chosen.map(({ value, figures }) => [value, figures[name].cpu]),
  }));
  return lines('CPU microseconds of the whole browser for each event', what, series);
}
