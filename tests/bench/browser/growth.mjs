import { median } from '../statistics.mjs';
import { growth, WITHOUT_PEERS } from './plan.mjs';

/**
 * How cost grows with tabs, the size of an event, the types listened for, and streams: CPU and rate
 * by each.
 */
export async function grow(session) {
  const rows = [];
  const measure = async (by, value, shape) => {
    const { results } = await session.throughput({
      write: 1,
      rounds: growth.rounds,
      names: WITHOUT_PEERS,
      ...shape,
    });
    const figures = Object.entries(results).map(([name, { rates, cpu }]) => {
      // From seconds for 10,000 events to microseconds for each.
      return [name, { rate: median(rates), cpu: median(cpu) * 100 }];
    });
    rows.push({ by, value, figures: Object.fromEntries(figures) });
  };
  await session.haveTabs(1);
  for (const streams of growth.streams) {
    await measure('streams', streams, { size: 100, streams, count: growth.count(100, streams) });
  }
  for (const types of growth.types) {
    await measure('types', types, { size: 100, types, count: growth.count(100) });
  }
  for (const tabs of growth.tabs) {
    await session.haveTabs(tabs);
    await measure('tabs', tabs, { size: 100, count: growth.count(100) });
    if (tabs !== growth.tabsForSizes) continue;
    for (const size of growth.sizes)
      await measure('bytes', size, { size, count: growth.count(size) });
  }
  return { rows };
}
