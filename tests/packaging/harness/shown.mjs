/** Waits until a page shows a text, or none of it any more. White space counts as one space. */
export const untilShown = (tab, wanted, { gone = false } = {}) =>
  tab.run(
    (_, wanted, gone) =>
      new Promise((resolve, reject) => {
        const shown = () => document.body.textContent.replaceAll(/\s+/g, ' ');
        const look = () => shown().includes(wanted) !== gone && resolve(null);
        new MutationObserver(look).observe(document.body, {
          childList: true,
          subtree: true,
          characterData: true,
        });
        look();
        setTimeout(() => reject(new Error(`the page shows: ${shown()}`)), 20_000);
      }),
    wanted,
    gone,
  );
