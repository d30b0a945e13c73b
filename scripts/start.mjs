import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build/index.mjs';
import { serverBinary } from './build/server.mjs';
import { sizes } from './build/sizes.mjs';
import { main } from './lib/log.mjs';
import { distDir, generatedDir, root } from './lib/paths.mjs';

/** @type {NodeJS.Signals[]} */
const signals = ['SIGHUP', 'SIGINT', 'SIGTERM'];

await main(async () => {
  await build();
  console.error(sizes());
  return serve(process.argv.slice(2));
});

/** Runs the server until it ends or this process is told to; gives its exit code. */
function serve(args) {
  const server = spawn(
    serverBinary,
    [
      '--www',
      join(root, 'www'),
      '--package',
      distDir,
      '--data',
      join(generatedDir, 'data'),
      ...args,
    ],
    // The diagnostic page can tell a stream that fell silent within 2.5 heartbeats.
    {
      stdio: ['inherit', 'pipe', 'inherit'],
      env: { TABCAST_HEARTBEAT: '10s', ...process.env },
    },
  );
  for (const signal of signals) process.on(signal, () => server.kill(signal));

  // Its first line is the address, and comes once it listens.
  server.stdout.once('data', () => {
    console.error(
      'Log in as super@test.com (admin), test@example.com, alice@test.com or bob@test.com; the password is "password".',
    );
  });
  server.stdout.pipe(process.stdout);
  return new Promise((resolve) => server.on('close', (code) => resolve(code ?? 0)));
}
