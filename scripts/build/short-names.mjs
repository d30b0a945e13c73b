import { readFileSync, writeFileSync } from 'node:fs';
import { Sentence } from '../lib/log.mjs';
import { npmBin } from '../lib/paths.mjs';
import { run } from '../lib/run.mjs';

/**
 * Gives what the module and its glue share names of a letter or two. wasm-bindgen's end in hashes,
 * which do not compress: together they are 2.5 % of the download.
 *
 * @param {string[]} features wasm-opt's flags
 */
export async function shortenNames(glue, wasm, features) {
  const pass = '--minify-imports-and-exports-and-modules';
  const { stdout } = await run(npmBin('wasm-opt'), [wasm, ...features, pass, '-o', wasm]);
  const { imports, exports } = JSON.parse(stdout);
  let code = readFileSync(glue, 'utf8');
  const rename = (pattern, name) => {
    const renamed = code.replace(pattern, name);
    if (renamed === code) throw new Sentence(`wasm-bindgen's glue has no ${pattern}.`);
    code = renamed;
  };
  for (const [, old, short] of imports) rename(new RegExp(`\\b${old}(?=: function)`), short);
  // wasm-opt calls the one module that there is `a`.
  rename('"./tabcast_bg.js": import0', 'a: import0');
  for (const [old, short] of exports) {
    code = code.replaceAll(new RegExp(`\\bwasm\\.${old}\\b`, 'g'), () => `wasm.${short}`);
  }
  writeFileSync(glue, code);
}
