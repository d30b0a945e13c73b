/**
 * A reporter for node's test runner: one JSON line for each finished test, with why it failed.
 *
 * A suite is not a test, and nor is a file: node reports a file that has no tests as one that passed.
 */
export default async function* countReporter(source) {
  for await (const { type, data } of source) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const passed = type === 'test:pass';
    const isFile = data.name === data.file || data.file?.endsWith(`/${data.name}`);
    if (data.details?.type === 'suite' || (isFile && passed)) continue;
    // A parent's failure is that of its subtests, which were counted.
    if (!passed && data.details?.error?.failureType === 'subtestsFailed') continue;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    const why = passed ? undefined : whyOf(data.details?.error);
    yield `${JSON.stringify({ name: data.name, passed, skipped, why })}\n`;
  }
}

/** The error that a test threw is the cause of the runner's own; its stack begins with its message. */
const whyOf = (error) => String(error?.cause?.stack ?? error?.cause ?? error?.message ?? error);
