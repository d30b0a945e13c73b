import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serverBinary } from '../../../scripts/build/server.mjs';
import { distDir } from '../../../scripts/lib/paths.mjs';
import { eventually } from './eventually.mjs';

export const jwtSecret = 'a secret of the browser tests';

const pages = fileURLToPath(new URL('../pages', import.meta.url));

/** The real server on a free port with a scratch data folder, which outlives its restarts. */
export class Server {
  #data = mkdtempSync(join(tmpdir(), 'tabcast-data-'));
  #flags;
  #process;
  #stderr = '';
  url = '';

  constructor(flags) {
    this.#flags = flags;
  }

  /**
   * @param {{flags?: string[], www?: string}} [options] further flags of the server, and the folder
   *   that it serves: the tests' own pages unless told otherwise
   */
  static async start({ flags = [], www = pages } = {}) {
    const server = new Server(['--www', www, ...flags]);
    try {
      await server.#launch('127.0.0.1:0');
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async #launch(listen) {
    const args = [
      ...['--listen', listen, '--data', this.#data, '--package', distDir],
      ...['--jwt-secret', jwtSecret, '--faults'],
    ];
    const child = spawn(serverBinary, [...args, ...this.#flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    const lines = createInterface(child.stdout);
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => text),
      once(child, 'exit').then(([code]) => {
        throw new Error(`tabcast-server ended with ${code} before it listened:\n${this.#stderr}`);
      }),
    ]);
    this.url = line.match(/https?:\/\/[^\s/]+/)?.[0];
    assert.ok(this.url, `the server's first line has its URL: ${line}`);
  }

  /** What the server said on stderr so far: for a test that failed. */
  get log() {
    return this.#stderr;
  }

  /** Ends it: SIGTERM asks it to, SIGKILL does not. */
  async end(signal) {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Starts it again at the same address with the same data. */
  async startAgain() {
    await this.#launch(new URL(this.url).host);
  }

  async stop() {
    await this.end('SIGKILL');
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** One figure from /metrics. */
  async metric(name) {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const value = text.match(new RegExp(`^${name}(?:\\{\\})? (\\S+)$`, 'm'))?.[1];
    assert.ok(value, `/metrics has ${name}:\n${text}`);
    return Number(value);
  }

  /** The streams that are open now, each with `{user_id, connection_id}` and more. */
  async streams() {
    return (await (await fetch(`${this.url}/__test/connections`)).json()).data;
  }

  /** How many streams are open now, as both of the server's own counts say. */
  async connections() {
    const { length } = await this.streams();
    assert.equal(await this.metric('sse_active_connections'), length);
    return length;
  }

  /** Waits until so many streams are open. */
  async untilConnections(wanted, within = 10_000) {
    // Of a hand-over the one count may see the older stream, and the other none.
    await eventually(
      async () => assert.equal(await this.connections(), wanted, 'open streams'),
      within,
    );
  }
}
