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

/** What a run broke, tab by tab; empty where it broke nothing. */
export function broken({ found }) {
  return found
    .filter(({ lost, repeated, outOfOrder, foreign }) =>
      [lost, repeated, outOfOrder, foreign].some((list) => list.length > 0),
    )
    .map(({ name, user, status, lost, repeated, outOfOrder, foreign }) => ({
      ...{ name, user, lost, repeated, outOfOrder, foreign, status },
    }));
}
