import { generateApi } from './api/generate.mjs';
import { main } from './lib/log.mjs';
import { nodeModules } from './setup/node-modules.mjs';

/** `npm run api` writes docs/api anew. */
await main(async () => {
  await nodeModules();
  await generateApi();
});
