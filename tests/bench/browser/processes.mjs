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

/** CPU seconds of the whole browser so far. */
export const cpuSeconds = (except) =>
  descendants(except).reduce((sum, [, { ticks }]) => sum + ticks, 0) / TICKS;

/** Memory of the whole browser in MB; what processes share counts once (PSS). */
export const megabytes = (except) =>
  descendants(except).reduce((sum, [pid]) => {
    const [, kilobytes = '0'] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
    return sum + Number(kilobytes) / 1_000;
  }, 0);
