import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildServer } from '../../../scripts/build/server.mjs';
import { notice, say } from '../../../scripts/lib/log.mjs';
import { generatedDir } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { table } from '../../../scripts/lib/table.mjs';
import { debianPackages } from '../../../scripts/setup/apt.mjs';
import { rust } from '../../../scripts/setup/rust.mjs';
import { median, spread } from '../statistics.mjs';
import { load, nchanModule, servers } from './servers.mjs';

const USERS = 10_000;
const rounds = 3;

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

const thousands = (value) => `${(value / 1_000).toFixed(1)} k`;
const decimals = (value) => value.toFixed(1);
const seconds = (value) => `${value.toFixed(2)} s`;

/** The rows of the report, each a figure of a scenario and how it is written. */
const figures = [
  {
    label: 'connects a second',
    scenario: 'fanout',
    figure: 'connectsPerSecond',
    written: thousands,
  },
  {
    label: 'kB a connection, idle',
    scenario: 'fanout',
    figure: 'idleKilobytes',
    written: decimals,
  },
  {
    label: 'kB a connection, after load',
    scenario: 'fanout',
    figure: 'loadedKilobytes',
    written: decimals,
  },
  {
    label: 'kB a connection, after close',
    scenario: 'fanout',
    figure: 'closedKilobytes',
    written: decimals,
  },
  {
    label: 'fan-out at 1 a second, p50 ms',
    scenario: 'fanout',
    figure: 'fanoutP50',
    written: decimals,
  },
  {
    label: 'fan-out at 1 a second, p99 ms',
    scenario: 'fanout',
    figure: 'fanoutP99',
    written: decimals,
  },
  {
    label: 'deliveries a second, singly',
    scenario: 'fanout',
    figure: 'singlePerSecond',
    written: thousands,
  },
  {
    label: 'deliveries a second, burst',
    scenario: 'fanout',
    figure: 'burstPerSecond',
    written: thousands,
  },
  {
    label: 'unicasts a second',
    scenario: 'unicast',
    figure: 'unicastPerSecond',
    written: thousands,
  },
  {
    label: '  with 500 connections',
    scenario: 'unicast, 500 connections',
    figure: 'unicastPerSecond',
    written: thousands,
  },
  {
    label: 'unicast at 1,000 a second, p50 ms',
    scenario: 'unicast',
    figure: 'unicastP50',
    written: decimals,
  },
  {
    label: 'unicast at 1,000 a second, p99 ms',
    scenario: 'unicast',
    figure: 'unicastP99',
    written: decimals,
  },
  {
    label: '5,000 resume, 50 events each',
    scenario: 'resume',
    figure: 'resumeSeconds',
    written: seconds,
  },
  {
    label: '  with 50,000 older events',
    scenario: 'resume, 50,000 older events',
    figure: 'resumeSeconds',
    written: seconds,
  },
];

/** `tabcast-server` with all that it does, beside servers that only pass events on. */
export async function server() {
  await rust();
  await buildServer();
  await run('cargo', ['build', '--quiet', '--release', '-p', 'tabcast-bench-load']);
  const present = await installed();
  const results = {};
  // In turn, so that whatever else the machine does meets all of them.
  for (let round = 1; round <= rounds; round++) {
    for (const [name, { of, scenario, options }] of Object.entries(scenarios)) {
      for (const server of of.filter((server) => present.includes(server))) {
        say('bench', `${name}, ${server}, round ${round} of ${rounds}`);
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
  console.log(
    `\n${USERS} connections (unicast and resume: 5,000) over loopback, HTTP/1.1, 128 B of data, one core for the server and one for the load; median of ${rounds} rounds (spread). tabcast-server checks tokens, keeps each event in SQLite and counts; the others do not.\n`,
  );
  console.log(report(results, present));
}

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

function report(results, present) {
  const rows = figures.map(({ label, scenario, figure, written }) => {
    const values = (server) => results[scenario][server]?.map((each) => each[figure]);
    const cell = (server) => {
      const all = values(server);
      return all ? `${written(median(all))} (±${Math.abs(spread(all)).toFixed(0)} %)` : '';
    };
    const theirs = values('nchan');
    const ratio = theirs ? `${(median(values('tabcast')) / median(theirs)).toFixed(2)}x` : '';
    return [label, ...present.map(cell), ratio];
  });
  return table(['', ...present, 'to nchan'], rows);
}
