import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proxyBinaries } from '../../../scripts/setup/proxies.mjs';
import { freePort, untilListening } from '../../browser/harness/ports.mjs';

/** Runs nginx with a location of the guide; everything else goes to the same server. */
export const withNginx = (location, server, run) =>
  withProxy(run, (port, folder) => {
    const config = join(folder, 'nginx.conf');
    writeFileSync(config, nginxConfig(location.replaceAll(guideServer, server), port, server));
    return [proxyBinaries.nginx, ['-p', folder, '-e', 'stderr', '-c', config]];
  });

/** Runs Caddy with a site of the guide. */
export const withCaddy = (site, server, run) =>
  withProxy(run, (port, folder) => {
    const config = join(folder, 'Caddyfile');
    const here = site
      .replace('app.example.org', `http://:${port}`)
      .replaceAll(new URL(guideServer).host, new URL(server).host);
    writeFileSync(config, `{\n\tadmin off\n\tauto_https off\n}\n${here}`);
    return [proxyBinaries.caddy, ['run', '--config', config, '--adapter', 'caddyfile']];
  });

const guideServer = 'http://127.0.0.1:3001';

// The server asks nginx itself not to buffer its streams: here the configuration has to.
const nginxConfig = (location, port, server) => `
daemon off; master_process off; pid nginx.pid; error_log stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
  proxy_ignore_headers X-Accel-Buffering;
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass ${server}; proxy_http_version 1.1; proxy_buffering off; }
    ${location}
  }
}`;

async function withProxy(run, command) {
  const folder = mkdtempSync(join(tmpdir(), 'tabcast-proxy-'));
  const port = await freePort();
  const [program, args] = command(port, folder);
  const child = spawn(program, args, {
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const ended = once(child, 'close');
  try {
    const failed = ended.then(() => Promise.reject(new Error('the proxy ended')));
    await Promise.race([untilListening(port), failed]);
    return await run(port);
  } catch (error) {
    error.message += `\n${program} says:\n${log}`;
    throw error;
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}
