/**
 * Puts the test in charge of a tab's visibility. Which tabs a driven browser takes for hidden
 * differs: WebKit's are windows and never hidden, Chromium hides all but the one that was driven last.
 */
export const takeVisibility = (tab) =>
  tab.run(() => {
    if (window.visibility) return;
    window.visibility = 'visible';
    Object.defineProperty(document, 'visibilityState', { get: () => window.visibility });
    const ours = (event) => event.isTrusted && event.stopImmediatePropagation();
    window.addEventListener('visibilitychange', ours, { capture: true });
  });

/** Hides or shows a tab, after {@link takeVisibility}. */
export const setVisible = (tab, visible) =>
  tab.run(
    (_, state) => {
      window.visibility = state;
      document.dispatchEvent(new Event('visibilitychange'));
    },
    visible ? 'visible' : 'hidden',
  );
