import { table } from '../../../scripts/lib/table.mjs';
import { median, quantile, spread } from '../statistics.mjs';
import { NATIVE, targets } from './plan.mjs';

export const way = (write) => (write === 1 ? 'singly' : 'together');
const thousands = (value) => (value / 1_000).toFixed(1);
const percent = (values) => `±${spread(values).toFixed(0)} %`;
const verdict = (isMet) => (isMet ? 'met' : 'missed');
const atLeast = (value, target, unit) =>
  target === undefined ? '' : `>= ${target}${unit} ${verdict(value >= target)}`;
const atMost = (value, target, unit) =>
  target === undefined ? '' : `<= ${target}${unit} ${verdict(value <= target)}`;

/** All tables, as text. */
export function report({ engines, growth }) {
  const parts = Object.entries(engines).map(([engine, result]) =>
    [
      `\n${engine} ${result.version}: events/s until the last tab is done, each event checked for order; CPU seconds of the whole browser for 10,000 events\n`,
      throughput(result),
      '\nCPU microseconds for each event by process, 100 B written singly; with Tabcast the worker is in the busiest page\n',
      profile(result),
      '\nmilliseconds from the server to the listener at 200 events/s\n',
      latency(result),
      '\nmilliseconds from a page’s script to an open stream, where no worker runs yet\n',
      start(result),
      '\nmilliseconds from a new tab’s script to its first status, the worker running\n',
      joins(result.join),
      `\nmemory that a tab adds when it joins: ${result.memory.toFixed(2)} MB (PSS of the whole browser; ${atMost(result.memory, targets.memory, ' MB')})`,
    ].join('\n'),
  );
  if (growth) {
    parts.push(
      `\nhow cost grows, chromium ${growth.version}: events of 100 B in one tab from one stream but for what grows (sizes: in 5 tabs), written singly; CPU microseconds of the whole browser for each event\n\n${grown(growth)}`,
    );
  }
  return parts.join('\n');
}

function throughput({ throughput }) {
  const rows = throughput.flatMap(({ tabs, count, size, write, results }) => {
    const native = results[NATIVE];
    return Object.entries(results).map(([name, { rates, cpu }]) => {
      const rate = median(rates) / median(native.rates);
      const used = median(cpu) / median(native.cpu);
      const target = (which) => (size === 100 ? targets[which][name]?.[tabs] : undefined);
      return [
        `${tabs} x ${count / 1_000}k x ${size} B, ${way(write)}  ${name}`,
        `${thousands(median(rates))} k`,
        percent(rates),
        `${rate.toFixed(1)}x`,
        atLeast(rate, target('rate'), 'x'),
        median(cpu).toFixed(2),
        `${used.toFixed(2)}x`,
        atMost(used, target('cpu'), 'x'),
      ];
    });
  });
  return table(
    [
      ...['tabs x events x size, written', 'events/s', 'spread', 'of native', 'target'],
      ...['CPU s', 'of native', 'target'],
    ],
    rows,
  );
}

function profile({ throughput }) {
  const rows = throughput
    .filter(({ size, write }) => size === 100 && write === 1)
    .flatMap(({ tabs, count, results }) =>
      Object.entries(results).map(([name, { parts }]) => {
        const each = (part, share = 1) => {
          const seconds = median(parts.map((cpu) => cpu[part]));
          return ((seconds / share / count) * 1e6).toFixed(1);
        };
        const other = tabs > 1 ? each('rest', tabs - 1) : '';
        return [`${tabs}  ${name}`, each('network'), each('browser'), each('busiest'), other];
      }),
    );
  const columns = ['network', 'browser', 'busiest page', 'each other page'];
  return table(['tabs', ...columns], rows);
}

function latency({ latency }) {
  const rows = latency.flatMap(({ tabs, results }) =>
    Object.entries(results).map(([name, all]) => [
      `${tabs}  ${name}`,
      ...[0.5, 0.99].flatMap((share) => {
        const value = quantile(all, share);
        const beyond = value - quantile(results[NATIVE], share);
        const target = name === NATIVE ? undefined : targets.latency[share];
        return [value.toFixed(2), signed(beyond, 2), atMost(beyond, target, '')];
      }),
    ]),
  );
  const columns = (share) => [share, 'beyond native', 'target'];
  return table(['tabs', ...columns('p50'), ...columns('p99')], rows);
}

function start({ start }) {
  const rows = Object.entries(start).map(([name, times]) => {
    const beyond = median(times) - median(start[NATIVE]);
    const target = name === NATIVE ? undefined : targets.start;
    return [
      name,
      median(times).toFixed(1),
      percent(times),
      signed(beyond, 1),
      atMost(beyond, target, ''),
    ];
  });
  return table(['', 'p50', 'spread', 'beyond native', 'target'], rows);
}

function joins(join) {
  const rows = join.map(({ tabs, times }) => [
    `beside ${tabs} open ${tabs === 1 ? 'tab' : 'tabs'}`,
    median(times).toFixed(1),
    percent(times),
    atMost(median(times), targets.join, ''),
  ]);
  return table(['', 'p50', 'spread', 'target'], rows);
}

function grown({ rows }) {
  const names = Object.keys(rows[0].figures);
  const byWhat = ['tabs', 'bytes', 'types', 'streams'].flatMap((by) =>
    rows.filter((row) => row.by === by),
  );
  return table(
    ['', ...names.flatMap((name) => [name, 'CPU us'])],
    byWhat.map(({ by, value, figures }) => [
      `${value} ${by}`,
      ...names.flatMap((name) => {
        const { rate, cpu } = figures[name];
        return [`${thousands(rate)} k/s`, cpu.toFixed(1)];
      }),
    ]),
  );
}

const signed = (value, digits) => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
