import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { serverBinary } from '../../../scripts/build/server.mjs';
import { targetDir } from '../../../scripts/lib/paths.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { freePort, untilListening } from '../../browser/harness/ports.mjs';

const loadBinary = join(targetDir, 'release', 'tabcast-bench-load');

export const nchanModule = '/usr/lib/nginx/modules/ngx_nchan_module.so';

/** The server has one core for itself, the load the other. */
const onCore = (core, ...command) => ['-c', String(core), ...command];

/**
 * Each starts a fresh server and gives what the load needs to know of it, and `stop()`.
 *
 * @type {Record<string, (users: number) => Promise<{flags: string[], stop: () => Promise<void>}>>}
 */
export const servers = {
  async tabcast(users) {
    const data = mkdtempSync(join(tmpdir(), 'tabcast-bench-'));
    const secret = 'a secret of the benchmark';
    const flags = ['--listen', '127.0.0.1:0', '--data', data, '--jwt-secret', secret];
    const more = ['--max-connections', '16000'];
    const { line, ...child } = await start(serverBinary, [...flags, ...more]);
    const database = join(data, 'tabcast.sqlite');
    await run(loadBinary, ['seed', '--database', database, '--users', String(users)]);
    return {
      flags: [...target('tabcast', new URL(line).host, [child.pid]), '--jwt-secret', secret],
      stop: () => child.stop(data),
    };
  },

  async nchan() {
    const folder = mkdtempSync(join(tmpdir(), 'nchan-bench-'));
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    writeFileSync(join(folder, 'nginx.conf'), nchanConfiguration(folder, address));
    const child = launch('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf')]);
    await untilListening(port);
    const workers = await children(child.pid);
    return { flags: target('nchan', address, workers), stop: () => child.stop(folder) };
  },

  axum: () => peer('serve-axum'),
  epoll: () => peer('serve-epoll'),
};

/** nginx listens before it has started its workers. */
async function children(pid) {
  for (let tries = 0; tries < 100; tries++) {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (pids) return pids.split(' ');
    await setTimeout(50);
  }
  throw new Error('nginx starts no worker');
}

async function peer(command) {
  const { line, pid, stop } = await start(loadBinary, [command]);
  return { flags: target('plain', line, [pid]), stop };
}

const target = (kind, address, pids) => [
  ...['--kind', kind, '--address', address, '--pids', pids.join(',')],
];

/** Starts a server that prints its address as its first line. */
async function start(command, args) {
  const child = launch(command, args);
  const lines = createInterface(child.process.stdout);
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(child.process, 'exit').then(([code]) => {
      throw new Error(`${command} ended with ${code} before it listened`);
    }),
  ]);
  return { line, ...child };
}

function launch(command, args) {
  const child = spawn('taskset', onCore(0, command, ...args), {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RUST_LOG: 'warn' },
  });
  const stop = async (folder) => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    if (folder) rmSync(folder, { recursive: true, force: true });
  };
  return { process: child, pid: child.pid, stop };
}

/** Runs a scenario against a running server and gives its figures. */
export async function load(scenario, { flags }, options) {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const command = onCore(1, loadBinary, scenario, ...flags, ...args);
  const { stdout } = await run('taskset', command, { seconds: 300 });
  return JSON.parse(stdout);
}

const nchanConfiguration = (folder, address) => `
load_module ${nchanModule};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 16000; multi_accept on; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  nchan_shared_memory_size 512M;
  keepalive_requests 1000000;
  server {
    listen ${address} backlog=4096;
    location = /sub {
      nchan_subscriber eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
    }
    location = /pub {
      nchan_publisher;
      nchan_channel_id bench;
      nchan_message_buffer_length 5000;
      nchan_message_timeout 1h;
    }
  }
}
`;
