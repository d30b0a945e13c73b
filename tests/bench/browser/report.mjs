import { table } from '../../../scripts/lib/table.mjs';
import { median, quantile, spread } from '../statistics.mjs';
import { NATIVE } from './plan.mjs';

export const way = (write) => (write === 1 ? 'singly' : 'together');
const thousands = (value) => (value / 1_000).toFixed(1);
const percent = (values) => `±${spread(values).toFixed(0)} %`;

/** All tables, as text. */
export function report({ engines }) {
  return Object.entries(engines)
    .map(([engine, result]) =>
      [
        `\n${engine} ${result.version}: events/s until the last tab is done, each event checked for order; CPU seconds of the whole browser for 10,000 events\n`,
        throughput(result),
        '\nmilliseconds from the server to the listener at 200 events/s\n',
        latency(result),
        `\na new tab, script evaluated to first status, with the worker running: p50 ${median(result.join).toFixed(1)} ms, most ${Math.max(...result.join).toFixed(1)} ms`,
        `memory that a tab adds when it joins: ${result.memory.toFixed(2)} MB (PSS of the whole browser)`,
      ].join('\n'),
    )
    .join('\n');
}

function throughput({ throughput }) {
  const rows = throughput.flatMap(({ tabs, count, size, write, results }) => {
    const native = results[NATIVE];
    return Object.entries(results).map(([name, { rates, cpu }]) => [
      `${tabs} x ${count / 1_000}k x ${size} B, ${way(write)}  ${name}`,
      `${thousands(median(rates))} k`,
      percent(rates),
      `${(median(rates) / median(native.rates)).toFixed(1)}x`,
      median(cpu).toFixed(2),
      `${(median(cpu) / median(native.cpu)).toFixed(2)}x`,
    ]);
  });
  return table(
    ['tabs x events x size, written', 'events/s', 'spread', 'of native', 'CPU s', 'of native'],
    rows,
  );
}

function latency({ latency }) {
  const rows = latency.flatMap(({ tabs, results }) =>
    Object.entries(results).map(([name, all]) => [
      `${tabs}  ${name}`,
      ...[0.5, 0.99].flatMap((share) => {
        const value = quantile(all, share);
        const beyond = value - quantile(results[NATIVE], share);
        return [value.toFixed(2), `${beyond < 0 ? '' : '+'}${beyond.toFixed(2)}`];
      }),
    ]),
  );
  return table(['tabs', 'p50', 'beyond native', 'p99', 'beyond native'], rows);
}
