import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * A virtual display and scratch folders for WebKit, which has no headless mode.
 * Gives the environment to start its driver in, and `stop`.
 */
export async function startDisplay() {
  const scratch = mkdtempSync(join(tmpdir(), 'tabcast-display-'));
  const server = spawn(
    'Xvfb',
    // Without a reset after its last client: the next one, which comes meanwhile, is turned away.
    ['-displayfd', '3', '-noreset', '-nolisten', 'tcp', '-screen', '0', '1280x900x24'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  // It takes a free display by itself and writes the number once it accepts connections.
  const [number] = await once(createInterface(/** @type {any} */ (server.stdio[3])), 'line');
  return {
    env: {
      DISPLAY: `:${number}`,
      XDG_RUNTIME_DIR: scratch,
      XDG_CACHE_HOME: scratch,
      XDG_CONFIG_HOME: scratch,
      XDG_DATA_HOME: scratch,
      GDK_BACKEND: 'x11',
      NO_AT_BRIDGE: '1',
      GSETTINGS_BACKEND: 'memory',
      WEBKIT_DISABLE_DMABUF_RENDERER: '1',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      LIBGL_ALWAYS_SOFTWARE: '1',
    },
    async stop() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
