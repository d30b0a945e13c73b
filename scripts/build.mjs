import { build, buildPackage } from './build/index.mjs';
import { sizes } from './build/sizes.mjs';
import { main } from './lib/log.mjs';

// `npm run build -- package` leaves the server out.
await main(async () => {
  await (process.argv[2] === 'package' ? buildPackage() : build());
  console.log(sizes());
});
