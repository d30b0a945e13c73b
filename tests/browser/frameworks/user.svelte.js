/** What the page is given, reactive as an app's own state. */
export const props = $state({ user: { name: 'alice' } });
