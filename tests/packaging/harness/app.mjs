import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { run } from '../../../scripts/lib/run.mjs';
import { filesUnder } from '../../../scripts/lib/step.mjs';
import { setUpCache, setUpsFolder } from '../../../scripts/setup/set-ups.mjs';

/** The package as npm packs it, and as npm installs that. */
export class Packed {
  #folder = mkdtempSync(join(tmpdir(), 'tabcast-packed-'));
  /** Paths inside the tarball. @type {string[]} */ files = [];

  static async make() {
    const packed = new Packed();
    const folder = packed.#folder;
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
    const { stdout } = await run('npm', pack);
    // npm gives a list, or an object with a member for each package.
    const [made] = Object.values(JSON.parse(stdout));
    packed.files = made.files.map(({ path }) => path);
    const install = ['install', '--prefer-offline', '--no-save', '--no-audit', '--no-fund'];
    await run('npm', [...install, `./${made.filename}`], { cwd: folder });
    return packed;
  }

  get folder() {
    return join(this.#folder, 'node_modules', 'tabcast');
  }

  remove() {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What the apps have in common: Next.js has React components in its place. */
const page = fileURLToPath(new URL('../page.js', import.meta.url));

/** One of `set-ups/`, in a folder of its own with the packed package in it. */
export class App {
  #servers = [];
  folder;

  constructor(setUp, packed) {
    const source = join(setUpsFolder, setUp);
    const bare = !existsSync(join(source, 'package-lock.json'));
    const parent = bare ? tmpdir() : setUpCache(setUp);
    this.folder = mkdtempSync(join(parent, 'app-'));
    const withoutLock = (path) => !path.endsWith('package-lock.json');
    cpSync(source, this.folder, { recursive: true, filter: withoutLock });
    cpSync(page, join(this.folder, 'page.js'));
    mkdirSync(join(this.folder, 'node_modules'));
    cpSync(packed.folder, join(this.folder, 'node_modules', 'tabcast'), { recursive: true });
  }

  /** Runs one of its scripts to the end. */
  async script(name) {
    await run('npm', ['run', name], { cwd: this.folder, env, seconds: 120 });
  }

  /** Runs commands as npm runs those of a script. */
  async shell(commands) {
    const PATH = `${join(dirname(this.folder), 'node_modules', '.bin')}:${process.env.PATH}`;
    await run('sh', ['-ec', commands], { cwd: this.folder, env: { ...env, PATH }, seconds: 120 });
  }

  /** Starts one of its scripts, which serves; gives the URL that it says. */
  async serve(name, ...args) {
    const child = spawn('npm', ['run', name, '--', ...args], {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    this.#servers.push(child);
    for await (const line of createInterface(child.stdout)) {
      const url = line.match(/http:\/\/(?:localhost|127\.0\.0\.1):\d+/)?.[0];
      if (!url) continue;
      child.stdout.resume();
      return url;
    }
    throw new Error(`\`npm run ${name}\` ended before it said where it serves`);
  }

  /** The files of a folder in it, or below that, whose name has this ending. */
  files(folder, ending) {
    return filesUnder(join(this.folder, folder)).filter((path) => path.endsWith(ending));
  }

  async remove() {
    for (const child of this.#servers) {
      const ended = once(child, 'exit');
      // npm leads a group, which its script's processes are in.
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
    assert.ok(this.folder.includes('app-'));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const env = { NEXT_TELEMETRY_DISABLED: '1', NO_COLOR: '1', FORCE_COLOR: undefined };
