import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second. */
const TICKS = 100;

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended meanwhile.
    return '';
  }
}

/** Each process's parent and CPU ticks, its ended children's in it. */
function processes() {
  const all = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // The command's name may hold anything; what follows it does not.
    const stat = read(`/proc/${name}/stat`);
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (fields.length < 16) continue;
    const [, parent, , , , , , , , , , user, system, childUser, childSystem] = fields;
    all.set(Number(name), { parent, ticks: user + system + childUser + childSystem });
  }
  return all;
}

/** What this process started, but for `except`. */
function descendants(except) {
  const all = processes();
  const isOurs = (pid) => {
    for (let at = pid; at > 1; at = all.get(at)?.parent ?? 0) {
      if (except.includes(at)) return false;
      if (at === process.pid) return pid !== process.pid;
    }
    return false;
  };
  return [...all].filter(([pid]) => isOurs(pid));
}

/** What a process is for, by its command line. */
function kindOf(pid) {
  const command = read(`/proc/${pid}/cmdline`);
  if (/--type=renderer|-contentproc.*\0tab\0?$/.test(command)) return 'page';
  if (/network\.mojom\.NetworkService|-contentproc.*\0socket\0?$/.test(command)) return 'network';
  return 'browser';
}

/** CPU seconds of each of the browser's processes so far. */
export const cpuByProcess = (except) =>
  new Map(descendants(except).map(([pid, { ticks }]) => [pid, ticks / TICKS]));

/**
 * CPU seconds between two such looks: in all, and by what the processes are for. Pages have a
 * process each; that of one may run the worker too.
 */
export function cpuBetween(before, after) {
  const parts = { network: 0, browser: 0, pages: [] };
  for (const [pid, seconds] of after) {
    const used = seconds - (before.get(pid) ?? 0);
    const kind = kindOf(pid);
    if (kind === 'page') parts.pages.push(used);
    else parts[kind] += used;
  }
  const [busiest = 0, ...others] = parts.pages.sort((a, b) => b - a);
  const rest = others.reduce((sum, used) => sum + used, 0);
  const { network, browser } = parts;
  return { all: network + browser + busiest + rest, network, browser, busiest, rest };
}

/** Memory of the whole browser in MB; what processes share counts once (PSS). */
export const megabytes = (except) =>
  descendants(except).reduce((sum, [pid]) => {
    const [, kilobytes = '0'] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
    return sum + Number(kilobytes) / 1_000;
  }, 0);
