import { texts } from './texts.js';

export const byId = (id) => document.getElementById(id);

/** Writes only what differs, so that a selection survives and assistive technology stays quiet. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** The same for text with `code` between backticks, as the package's advice has it. */
export function setAdvice(node, text) {
  const parts = text.split('`');
  if (node.textContent === parts.join('')) return;
  node.replaceChildren(
    ...parts.map((part, index) => (index % 2 ? element('code', {}, part) : part)),
  );
}

/** An element with properties; those in `data` become `data-…`. Strings stay text. */
export function element(tag, { data = {}, ...properties } = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  Object.assign(node.dataset, data);
  node.append(...children);
  return node;
}

/** Puts the texts into the static markup, where each element with `data-text` names its text. */
export function fillTexts() {
  const find = (path) => path.split('.').reduce((part, key) => part[key], texts);
  for (const node of document.querySelectorAll('[data-text]')) {
    node.textContent = find(node.textContent);
  }
  for (const node of document.querySelectorAll('[data-label]')) {
    node.setAttribute('aria-label', find(node.dataset.label));
  }
  for (const node of document.querySelectorAll('[data-placeholder]')) {
    node.placeholder = find(node.dataset.placeholder);
  }
  document.documentElement.classList.add('ready');
}
