const WIDTH = 720;
const LABELS = 230;
const ROW = 18;
const COLOURS = { tabcast: '#2f6feb', other: '#8b949e' };

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * A chart of horizontal bars as SVG, each group with a title. The bars of a group begin at zero and
 * share a scale; groups may differ a hundredfold, so each has one of its own.
 *
 * @param {string} title
 * @param {{title: string, bars: {name: string, value: number}[]}[]} groups
 */
export function bars(title, groups) {
  let y = 24;
  const parts = [`<text x="0" y="14" font-weight="600">${escaped(title)}</text>`];
  for (const group of groups) {
    y += 22;
    parts.push(`<text x="0" y="${y - 6}" font-weight="600">${escaped(group.title)}</text>`);
    const most = Math.max(...group.bars.map(({ value }) => value));
    for (const { name, value } of group.bars) {
      const length = ((WIDTH - LABELS - 60) * value) / most;
      const colour = name.startsWith('tabcast') ? COLOURS.tabcast : COLOURS.other;
      parts.push(
        `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escaped(name)}</text>`,
        `<rect x="${LABELS}" y="${y + 3}" width="${length.toFixed(1)}" height="12" fill="${colour}"/>`,
        `<text x="${(LABELS + length + 6).toFixed(1)}" y="${y + 13}">${value.toFixed(1)}</text>`,
      );
      y += ROW;
    }
  }
  const height = y + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="12">
<style>text{fill:#1f2328}@media (prefers-color-scheme:dark){text{fill:#e6edf3}}</style>
${parts.join('\n')}
</svg>
`;
}
