import { table } from '../../scripts/lib/table.mjs';

const sum = (found, key) => found.reduce((total, one) => total + one[key].length, 0);

/** A run's figures, in the order of `columns`. */
function figures({ kinds, found, most, longestAbove }) {
  const faults = [...kinds.values()].reduce((total, count) => total + count, 0);
  return {
    faults,
    events: found.reduce((total, { events }) => total + events, 0),
    gaps: found.reduce((total, { gaps }) => total + gaps, 0),
    lost: sum(found, 'lost'),
    repeated: sum(found, 'repeated'),
    'out of order': sum(found, 'outOfOrder'),
    "another user's": sum(found, 'foreign'),
    'max connections': most,
    'ms above': Math.round(longestAbove),
  };
}

/** Both tables of some runs: what came of them, and what went wrong in them by kind. */
export function report(runs) {
  const rows = runs.map((run) => [`${run.engine}, ${run.host}`, ...Object.values(figures(run))]);
  const outcomes = table(['', ...Object.keys(figures(runs[0]))], rows);
  const kinds = [...new Set(runs.flatMap((run) => [...run.kinds.keys()]))].sort();
  const counts = kinds.map((kind) => [
    kind,
    runs.reduce((total, run) => total + (run.kinds.get(kind) ?? 0), 0),
  ]);
  return `${outcomes}\n\n${table(['what went wrong', 'times'], counts)}`;
}

/** What a run broke, tab by tab, with what the tab saw around the first of it; empty where nothing. */
export function broken({ found }) {
  return found
    .map((/** @type {any} */ { name, user, status, record, ...one }) => {
      const kinds = ['lost', 'repeated', 'outOfOrder', 'foreign'].filter((key) => one[key].length);
      const counts = kinds.map((kind) => [kind, { count: one[kind].length, first: one[kind][0] }]);
      return {
        name,
        user,
        ...Object.fromEntries(counts),
        kinds,
        status,
        seen: around(record, one),
      };
    })
    .filter(({ kinds }) => kinds.length > 0);
}

/** The gaps that a tab was told of, and the events before and after each jump in what it saw. */
function around(record, { repeated, outOfOrder }) {
  const odd = new Set([...repeated, ...outOfOrder]);
  const isTurn = (at) => {
    const [before, here] = [record[at - 1], record[at]];
    return here?.gap || before?.gap || odd.has(here?.event) !== odd.has(before?.event);
  };
  return record.filter((_, at) => isTurn(at) || isTurn(at + 1)).slice(0, 40);
}
