const colour = process.stderr.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

/** One line about what happens now. To stderr: stdout is for results. */
export const say = (topic, text) => console.error(`${paint('36', topic.padEnd(6))} ${text}`);

/** Says what happens now and, once it has, how long it took. */
export async function timed(topic, text, work) {
  say(topic, `${text} …`);
  const start = performance.now();
  const result = await work();
  say(topic, `${text}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

/** Which tests or checks failed, and why; where whoever sees only the end of a run sees it. */
export function sayFailures(failures) {
  for (const { name, why } of failures) console.error(`\nfailed: ${name}\n${why}`);
}

/** Something the reader must not overlook. */
export function notice(text) {
  const line = '!'.repeat(78);
  console.error(paint('33', `\n${line}\n${text}\n${line}\n`));
}

/**
 * What the person who runs a command must know, as one sentence, without a stack.
 * `output` is what the failed tool said.
 */
export class Sentence extends Error {
  constructor(message, { output = '', exitCode = 1 } = {}) {
    super(message);
    this.output = output;
    this.exitCode = exitCode;
  }
}

/** What a command needs cannot be installed here. */
export class Missing extends Sentence {}

/** Runs a script's main function and turns its failure into output and an exit code. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    if (!(error instanceof Sentence)) throw error;
    if (error.output) console.error(error.output.trimEnd());
    console.error(`${paint('31', 'error')}  ${error.message}`);
    // At once: what runs beside the failed step is in vain (run.mjs ends it).
    process.exit(error.exitCode);
  }
}
