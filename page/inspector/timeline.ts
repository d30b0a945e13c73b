import type { Inspection, Transition } from '../inspection.js';

/** What a mark on the timeline stands for. */
export type MarkKind =
  | 'connect'
  | 'retry'
  | 'watchdog'
  | 'poll'
  | 'promotion'
  | 'gap'
  | 'token'
  | 'fault';

export interface Mark {
  readonly at: number;
  readonly kind: MarkKind;
  readonly transition: Transition;
}

/** A time in which a lane was the same. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** A stream's state; a tab's is `visible` or `hidden`. */
  readonly state: string;
}

export interface Lane {
  readonly kind: 'stream' | 'tab';
  readonly id: number;
  readonly spans: readonly Span[];
  readonly marks: readonly Mark[];
}

/** What the timeline shows of an inspection from `from` on: the streams, each with its tabs below. */
export function lanesOf(inspection: Inspection, from: number): Lane[] {
  const { at, streams, tabs, transitions } = inspection;
  const streamIds = ids(streams, transitions, ({ stream }) => stream);
  return streamIds.flatMap((stream) => {
    const own = transitions.filter((transition) => transition.stream === stream);
    const ofTabs = ids(
      tabs.filter((tab) => tab.stream === stream),
      own,
      ({ tab }) => tab,
    );
    const isThere = streams.some(({ id }) => id === stream);
    // It ended with its last tab.
    const end = isThere ? at : (own.filter(({ kind }) => kind === 'tab-left').at(-1)?.at ?? at);
    const lanes = [
      streamLane(stream, own, end, from),
      ...ofTabs.map((tab) =>
        tabLane(tab, own, tabs.find(({ id }) => id === tab)?.visible, at, from),
      ),
    ];
    return lanes.filter(({ spans, marks }) => spans.length || marks.length);
  });
}

/** Those that are there and those that were, in their order. */
function ids(
  present: readonly { id: number }[],
  transitions: readonly Transition[],
  of: (transition: Transition) => number | null,
): number[] {
  const all = [...present.map(({ id }) => id), ...transitions.map(of)];
  return [...new Set(all.filter((id) => id !== null))].sort((a, b) => a - b);
}

function streamLane(id: number, own: readonly Transition[], end: number, from: number): Lane {
  const statuses = own.filter(({ kind }) => kind === 'status');
  const spans = statuses.map(({ at, state }, index) => ({
    from: at,
    to: statuses[index + 1]?.at ?? end,
    state: state ?? '',
  }));
  const marks = own.flatMap((transition, index) => {
    const kind = markOf(transition, own.slice(0, index));
    return kind && transition.at >= from ? [{ at: transition.at, kind, transition }] : [];
  });
  return { kind: 'stream', id, spans: clip(spans, from), marks };
}

function tabLane(
  id: number,
  all: readonly Transition[],
  isVisible: boolean | undefined,
  now: number,
  from: number,
): Lane {
  const own = all.filter(({ tab }) => tab === id);
  const visits = own.filter(({ kind }) => kind.startsWith('tab-'));
  // What is older than the history is told by what is.
  const first = { at: from, kind: visits[0]?.kind === 'tab-hidden' ? 'tab-shown' : 'tab-hidden' };
  const known = visits[0]?.kind === 'tab-joined' ? visits : [first, ...visits];
  const spans: Span[] = [];
  let state = visits.length === 0 && isVisible ? 'visible' : 'hidden';
  for (const [index, { at, kind }] of known.entries()) {
    if (kind === 'tab-left') continue;
    if (kind === 'tab-shown') state = 'visible';
    else if (kind === 'tab-hidden' && visits.length) state = 'hidden';
    // A tab that joins says so by its visibility now, as long as nothing else is known.
    else if (kind === 'tab-joined') state = startsVisible(known.slice(index + 1), isVisible);
    spans.push({ from: at, to: known[index + 1]?.at ?? now, state });
  }
  return { kind: 'tab', id, spans: clip(spans, from), marks: [] };
}

function startsVisible(later: readonly { kind: string }[], isVisible: boolean | undefined): string {
  const next = later.find(({ kind }) => kind === 'tab-shown' || kind === 'tab-hidden');
  const visible = next ? next.kind === 'tab-hidden' : (isVisible ?? true);
  return visible ? 'visible' : 'hidden';
}

const clip = (spans: readonly Span[], from: number): Span[] =>
  spans.filter(({ to }) => to > from).map((span) => ({ ...span, from: Math.max(span.from, from) }));

const WATCHDOGS = ['muted', 'silent', 'timeout'];
/** Why a connection is made anew without anything having gone wrong. */
const HARMLESS = ['requested', 'woke', 'hidden', 'offline'];

function markOf(transition: Transition, before: readonly Transition[]): MarkKind | null {
  const { kind, state, reason } = transition;
  if (kind === 'gap' || kind === 'connect' || kind === 'poll') return kind;
  if (kind === 'token-asked' || kind === 'token-given') return 'token';
  if (kind !== 'status') return null;
  const last = before.filter((earlier) => earlier.kind === 'status').at(-1);
  if (last?.state === 'polling' && state === 'open') return 'promotion';
  // The same reason again is the same trouble, and a new attempt at most.
  if (reason && reason !== last?.reason && !HARMLESS.includes(reason)) {
    return WATCHDOGS.includes(reason) ? 'watchdog' : 'fault';
  }
  return state === 'waiting' && last?.state !== 'waiting' ? 'retry' : null;
}
