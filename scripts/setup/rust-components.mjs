import { Missing, timed } from '../lib/log.mjs';
import { tryRun } from '../lib/run.mjs';

/** The formatter and the linter: part of rustup's default profile, not of its minimal one. */
export async function rustComponents() {
  for (const name of ['clippy', 'rustfmt']) {
    const command = name === 'rustfmt' ? 'fmt' : name;
    if ((await tryRun('cargo', [command, '--version'])).code === 0) continue;
    const added = await timed('setup', `rustup component add ${name}`, () =>
      tryRun('rustup', ['component', 'add', name], { seconds: 120 }),
    );
    if (added.code !== 0) {
      throw new Missing(
        `Rust's ${name} is missing. Run this, then the same command again:\n    rustup component add ${name}`,
        added,
      );
    }
  }
}
