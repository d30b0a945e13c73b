/**
 * Compares what one tab saw with the server's log.
 *
 * @param {string[]} log the data of all events, in the server's order
 * @param {{event?: string, gap?: boolean, after?: number}[]} record what the tab saw, in its order:
 *   events, gaps, and how many events there were when it joined
 */
export function compare(log, record) {
  const places = new Map(log.map((event, place) => [event, place]));
  const seen = new Set();
  const found = { events: 0, lost: [], repeated: [], outOfOrder: [], gaps: 0, foreign: [] };
  /** The place that comes next; not known before the tab has joined. */
  let next;
  /** A gap was told since the last event. */
  let told = false;
  for (const { event, gap, after } of record) {
    if (after !== undefined) {
      next ??= after;
    } else if (gap) {
      found.gaps += 1;
      told = true;
    } else {
      const place = places.get(event);
      if (place === undefined) found.foreign.push(event);
      else if (seen.has(event)) found.repeated.push(event);
      else if (seen.size > 0 && place < next) found.outOfOrder.push(event);
      else {
        // A tab that has seen nothing yet may be given what was sent before it joined, as where the
        // stream goes back for another one; from there on it has all.
        if (!told) found.lost.push(...log.slice(next ?? place, place));
        next = place + 1;
        told = false;
      }
      found.events += 1;
      seen.add(event);
    }
  }
  if (next !== undefined && !told) found.lost.push(...log.slice(next));
  return found;
}
