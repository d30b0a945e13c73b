import { buildPackage } from '../../scripts/build/index.mjs';
import { sizes } from '../../scripts/build/sizes.mjs';

/** What a browser downloads. */
export async function size() {
  await buildPackage();
  console.log(`\n${sizes()}`);
}
