import { spawn } from 'node:child_process';
import { Sentence } from './log.mjs';
import { root } from './paths.mjs';

/** Groups of processes that this script started and that still run. */
const groups = new Set();

/** A child leads its own process group, so that ending it ends what it started (cargo's rustc, npm's node). */
function endGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

process.once('exit', () => {
  for (const pid of groups) endGroup(pid, 'SIGTERM');
});
for (const [signal, code] of Object.entries({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })) {
  // A script that forwards signals itself (start.mjs) leaves its own handler in charge.
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(code);
  });
}

/**
 * Runs a command to its end and gives `{code, stdout, output}`; never throws for the command's own failure.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {Record<string, string | undefined>} [options.env] added to the environment
 * @param {string} [options.cwd]
 * @param {number} [options.seconds] time limit; the whole process group is ended then
 * @param {boolean} [options.show] also pass the output through as it comes
 */
export function tryRun(command, args, { env, cwd = root, seconds = 1800, show = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let output = '';
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid, 'SIGKILL');
    }, seconds * 1000);
    if (child.pid) groups.add(child.pid);
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
      if (show) process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (show) process.stderr.write(text);
    });
    const end = (code) => {
      clearTimeout(limit);
      groups.delete(child.pid);
      resolve({ code, stdout, output, timedOut });
    };
    child.on('error', (error) => {
      output += error.message;
      end(127);
    });
    child.on('close', (code) => {
      if (timedOut) output += `\n${command}: stopped after ${seconds} s`;
      end(timedOut ? 124 : (code ?? 1));
    });
  });
}

/** As `tryRun`, and a failure is a `Sentence` that carries the command's output. */
export async function run(command, args, options = {}) {
  const result = await tryRun(command, args, options);
  if (result.code !== 0) {
    const line = [command.split('/').at(-1), ...args].join(' ');
    const why = result.timedOut ? 'took too long' : `failed with code ${result.code}`;
    throw new Sentence(`\`${line}\` ${why}.`, { output: options.show ? '' : result.output });
  }
  return result;
}
