import { readdirSync, readFileSync } from 'node:fs';

/** What the test runs besides a browser. */
const others = /^(tabcast-server|Xvfb|chromedriver|geckodriver|WebKitWebDriver|node)$/;

/** The processes that this one has started, and those that they have, with their names. */
function descendants() {
  const children = new Map();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [, name, parent] = stat.match(/^\d+ \((.*)\) \S (\d+)/) ?? [];
      children.set(parent, [...(children.get(parent) ?? []), { pid, name }]);
    } catch {
      // It has ended meanwhile.
    }
  }
  const under = (pid) => (children.get(pid) ?? []).flatMap((child) => [child, ...under(child.pid)]);
  return under(String(process.pid));
}

/**
 * Stops all processes of the browser while `work` is done, as a laptop does whose lid is shut. The
 * browser's own clock goes on, as it does not in every real sleep.
 */
export async function whileAsleep(work) {
  const pids = descendants()
    // The kernel cuts names to 15 characters.
    .filter(({ name }) => !others.test(name) && !'WebKitWebDriver'.startsWith(name))
    .map(({ pid }) => Number(pid));
  if (pids.length === 0) throw new Error('there is no browser to put to sleep');
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}
