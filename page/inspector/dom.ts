/** An element with properties and attributes (`aria-…`, `data-…`, `role`). Strings stay text. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Record<string, unknown> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in node) Object.assign(node, { [name]: value });
    else node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/** The same for a drawing. */
export function svg(
  tag: string,
  attributes: Record<string, string | number> = {},
  ...children: (Node | string)[]
): SVGElement {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** Writes only what differs, so that a selection survives and assistive technology stays quiet. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Has `parent` hold one child for each key, in this order; those that stay are not touched. */
export function keyed<T extends HTMLElement>(
  parent: HTMLElement,
  keys: readonly string[],
  create: (key: string) => T,
): T[] {
  const present = new Map(
    [...parent.children].map((node) => [node.getAttribute('data-key'), node]),
  );
  const nodes = keys.map((key) => {
    const node = (present.get(key) as T | undefined) ?? create(key);
    node.setAttribute('data-key', key);
    return node;
  });
  const fits = nodes.length === parent.childElementCount;
  if (!fits || nodes.some((node, index) => parent.children[index] !== node)) {
    parent.replaceChildren(...nodes);
  }
  return nodes;
}

const exact = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
});

/** The time of day with milliseconds. */
export const clock = (time: number): string => exact.format(time);
