import { browser } from '../tests/bench/browser/index.mjs';
import { parser } from '../tests/bench/parser/index.mjs';
import { server } from '../tests/bench/server/index.mjs';
import { size } from '../tests/bench/size.mjs';
import { main, Sentence } from './lib/log.mjs';

const benches = { size, parser, browser, server };

/** `npm run bench` runs every benchmark, `npm run bench -- parser` that one; flags go to each. */
await main(async () => {
  const [flags, picked] = [true, false].map((isFlag) =>
    process.argv.slice(2).filter((word) => word.startsWith('--') === isFlag),
  );
  const unknown = picked.find((name) => !(name in benches));
  if (unknown) {
    throw new Sentence(
      `There is no benchmark "${unknown}"; there are ${Object.keys(benches).join(', ')}.`,
    );
  }
  for (const [name, bench] of Object.entries(benches)) {
    if (picked.length === 0 || picked.includes(name)) await bench(flags);
  }
});
