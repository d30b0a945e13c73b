import { check } from './check/index.mjs';
import { main, sayFailures } from './lib/log.mjs';

await main(async () => {
  const { passed, failed, failures } = await check();
  sayFailures(failures);
  console.log(`${passed} checks passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
