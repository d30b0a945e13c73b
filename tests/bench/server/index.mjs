import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildServer } from '../../../scripts/build/server.mjs';
import { notice, say } from '../../../scripts/lib/log.mjs';
import { generatedDir } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { debianPackages } from '../../../scripts/setup/apt.mjs';
import { rust } from '../../../scripts/setup/rust.mjs';
import { asText, write } from '../written.mjs';
import { report } from './figures.mjs';
import { load, nchanModule, servers } from './servers.mjs';

const USERS = 10_000;
/** Of all scenarios; one takes about two minutes. */
const rounds = { full: 3, quick: 2 };

/** What each server is put through; those that have no resuming are left out there. */
const scenarios = {
  fanout: { of: ['tabcast', 'nchan', 'axum', 'epoll'], scenario: 'fanout', options: {} },
  unicast: { of: ['tabcast'], scenario: 'unicast', options: {} },
  'unicast, 500 connections': {
    of: ['tabcast'],
    scenario: 'unicast',
    options: { connections: 500 },
  },
  resume: { of: ['tabcast', 'nchan'], scenario: 'resume', options: {} },
  'resume, 50,000 older events': {
    of: ['tabcast'],
    scenario: 'resume',
    options: { older: 50_000 },
  },
};

/**
 * `tabcast-server` with all that it does, beside servers that only pass events on. `--quick` is
 * fewer rounds, `--write` puts the table into docs/performance.md.
 */
export async function server(flags) {
  const turns = flags.includes('--quick') ? rounds.quick : rounds.full;
  await rust();
  await buildServer();
  await run('cargo', ['build', '--quiet', '--release', '-p', 'tabcast-bench-load']);
  const present = await installed();
  const results = {};
  // In turn, so that whatever else the machine does meets all of them.
  for (let round = 1; round <= turns; round++) {
    for (const [name, { of, scenario, options }] of Object.entries(scenarios)) {
      for (const server of of.filter((server) => present.includes(server))) {
        say('bench', `${name}, ${server}, round ${round} of ${turns}`);
        const running = await servers[server](USERS);
        try {
          const measured = await load(scenario, running, options);
          results[name] ??= {};
          results[name][server] ??= [];
          results[name][server].push(measured);
        } finally {
          await running.stop();
        }
      }
    }
  }
  writeFileSync(join(generatedDir, 'bench-server.json'), JSON.stringify(results, null, 2));
  const text = [
    `${USERS} connections (unicast and resume: 5,000) over loopback, HTTP/1.1, 128 B of data, one`,
    `core for the server and one for the load; median of ${turns} rounds (spread). tabcast-server`,
    `checks tokens, keeps each event in SQLite and counts; the others do not.${absent(present)}`,
    '',
    report(results, present),
  ].join('\n');
  console.log(`\n${text}`);
  if (flags.includes('--write')) write('server', asText(text));
}

const absent = (present) =>
  present.includes('nchan')
    ? ''
    : '\nnchan could not be installed, so nothing is compared with it.';

async function installed() {
  const names = Object.keys(servers);
  try {
    await debianPackages(
      { 'nginx-light': '/usr/sbin/nginx', 'libnginx-mod-nchan': nchanModule },
      'The comparison with nchan',
    );
  } catch (error) {
    notice(error.message);
  }
  if (existsSync(nchanModule)) return names;
  notice('nchan is not installed, so it is left out.');
  return names.filter((name) => name !== 'nchan');
}
