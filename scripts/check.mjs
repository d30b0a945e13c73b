import { check } from './check/index.mjs';
import { main } from './lib/log.mjs';

await main(async () => {
  const { passed, failed } = await check();
  console.log(`${passed} checks passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
});
