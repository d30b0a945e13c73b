import { parser } from '../tests/bench/parser/index.mjs';
import { server } from '../tests/bench/server/index.mjs';
import { main, Sentence } from './lib/log.mjs';

const benches = { parser, server };

/** `npm run bench` runs every benchmark, `npm run bench -- parser` that one. */
await main(async () => {
  const picked = process.argv.slice(2);
  const unknown = picked.find((name) => !(name in benches));
  if (unknown) {
    throw new Sentence(
      `There is no benchmark "${unknown}"; there are ${Object.keys(benches).join(', ')}.`,
    );
  }
  for (const [name, bench] of Object.entries(benches)) {
    if (picked.length === 0 || picked.includes(name)) await bench();
  }
});
