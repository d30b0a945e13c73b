/**
 * What a test waits with in a page: `until(test, within)` resolves once the test of `window.tab` is
 * true, with what it gave; it is looked at after each `changed()`. Fails with what `seen()` says.
 *
 * @param {() => string} seen
 */
export function waiter(seen) {
  const waiting = new Set();
  const changed = () => {
    for (const look of waiting) look();
  };
  const until = (test, within = 20_000) =>
    new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(limit);
        waiting.delete(look);
        settle(value);
      };
      const look = () => {
        const found = test(window.tab);
        if (found) end(resolve, found);
      };
      const limit = setTimeout(
        () => end(reject, new Error(`not within ${within} ms: ${test}; ${seen()}`)),
        within,
      );
      waiting.add(look);
      look();
    });
  return { changed, until };
}
