const WIDTH = 720;
const HEIGHT = 240;
const LEFT = 60;
const RIGHT = 190;
const TOP = 34;
const BOTTOM = 34;
const COLOURS = ['#8b949e', '#2f6feb', '#db6d28', '#3fb950'];

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/**
 * A chart of lines as SVG. Both axes are logarithmic: what grows in proportion is a straight line
 * at 45 degrees only where the scales agree, but it is always straight.
 *
 * @param {string} title
 * @param {string} below what the horizontal axis counts
 * @param {{name: string, points: [number, number][]}[]} series
 */
export function lines(title, below, series) {
  const points = series.flatMap((each) => each.points).filter(([, y]) => y > 0);
  const scale = (values, from, to) => {
    const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10);
    return (value) => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from);
  };
  const ys = points.map(([, y]) => y);
  const decades = [Math.floor(Math.log10(Math.min(...ys))), Math.ceil(Math.log10(Math.max(...ys)))];
  const x = scale(
    points.map(([value]) => value),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = scale(
    decades.map((power) => 10 ** power),
    HEIGHT - BOTTOM,
    TOP,
  );
  const parts = [`<text x="0" y="14" font-weight="600">${escaped(title)}</text>`];
  for (let power = decades[0]; power <= decades[1]; power++) {
    const at = y(10 ** power).toFixed(1);
    parts.push(
      `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#8b949e" stroke-opacity=".3"/>`,
      `<text x="${LEFT - 6}" y="${at}" dy="4" text-anchor="end">${(10 ** power).toLocaleString('en')}</text>`,
    );
  }
  for (const value of new Set(points.map(([value]) => value))) {
    parts.push(
      `<text x="${x(value).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${value.toLocaleString('en')}</text>`,
    );
  }
  parts.push(
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escaped(below)}</text>`,
  );
  series.forEach(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const shown = points.filter(([, value]) => value > 0);
    const path = shown.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ');
    const line = TOP + 10 + index * 18;
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<line x1="${WIDTH - RIGHT + 14}" y1="${line - 4}" x2="${WIDTH - RIGHT + 34}" y2="${line - 4}" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${WIDTH - RIGHT + 40}" y="${line}">${escaped(name)}</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12">
<style>text{fill:#1f2328}@media (prefers-color-scheme:dark){text{fill:#e6edf3}}</style>
${parts.join('\n')}
</svg>
`;
}
