/** What tests run in a page may keep things on its window. */
interface Window {
  // biome-ignore lint/suspicious/noExplicitAny: the names are the tests' own
  [name: string]: any;
}
