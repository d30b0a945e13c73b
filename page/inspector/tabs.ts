import type { TabInspection } from '../inspection.js';
import type { Trace } from '../trace.js';
import { h, keyed, setText } from './dom.js';
import { texts } from './texts.js';

const t = texts.tabs;

/** The tabs, whether they are visible, and what they listen for. */
export class TabsView {
  readonly #rows = h('tbody');
  readonly node = h(
    'section',
    { className: 'tabs' },
    h('h3', {}, t.title),
    h(
      'div',
      { className: 'scroll', tabIndex: 0, role: 'group', 'aria-label': t.title },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h('tr', {}, ...[t.tab, t.stream, t.visible, t.types, t.token].map(headCell)),
        ),
        this.#rows,
      ),
    ),
  );

  show({ inspection: { tabs } }: Trace): void {
    const rows = keyed(
      this.#rows,
      tabs.map(({ id }) => String(id)),
      () => h('tr', {}, ...Array.from({ length: 5 }, () => h('td'))),
    );
    for (const [index, row] of rows.entries()) {
      const tab = tabs[index];
      const cells = tab ? cellsOf(tab) : [];
      for (const [column, text] of cells.entries()) {
        const cell = row.children[column];
        if (cell) setText(cell, text);
      }
    }
  }
}

const headCell = (label: string): HTMLElement => h('th', { scope: 'col' }, label);

const cellsOf = ({ id, stream, self, visible, types, providesToken }: TabInspection): string[] => [
  self ? t.self(id) : String(id),
  String(stream),
  visible ? t.yes : t.no,
  types.join(', ') || texts.none,
  providesToken ? t.yes : t.no,
];
