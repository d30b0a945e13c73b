import type { Batch } from '../worker/messages.js';
import { countOf } from './batch.js';

/**
 * Where a tab stands in the worker's relay: pure, the one place that decides what is next, what
 * is a repeat and what is missing.
 */
export interface Sequence {
  readonly epoch: string;
  /** The sequence number that comes next. */
  readonly next: number;
  /** Batches that came before what they follow. */
  readonly held: readonly Batch[];
  /** What was asked for reaches up to, not including, this number. */
  readonly asked: number;
}

export interface Step {
  readonly sequence: Sequence;
  /** Batches to dispatch, each from its index `from` on. */
  readonly dispatch: readonly { batch: Batch; from: number }[];
  /** The range that is missing and not yet asked for. */
  readonly want: { from: number; to: number } | undefined;
}

/** More than this is not held: it is in the worker's log, and is asked for when its turn comes. */
const MAX_HELD = 64;

export const startAt = (epoch: string, next: number): Sequence => ({
  epoch,
  next,
  held: [],
  asked: next,
});

/** Takes in a batch, in whatever order it came. */
export function receive(sequence: Sequence, batch: Batch): Step {
  if (batch.epoch !== sequence.epoch) return { sequence, dispatch: [], want: undefined };
  return settle(sequence, [...sequence.held, batch]);
}

/** What comes before `next` cannot be had any more. Never leads back. */
export function skip(sequence: Sequence, next: number): Step {
  return settle({ ...sequence, next: Math.max(sequence.next, next) }, sequence.held);
}

function settle(sequence: Sequence, batches: readonly Batch[]): Step {
  const waiting = [...batches].sort((a, b) => a.first - b.first);
  const dispatch: { batch: Batch; from: number }[] = [];
  let { next } = sequence;
  let held: Batch[] = [];
  let missing: number | undefined;
  for (const candidate of waiting) {
    const end = candidate.first + countOf(candidate);
    if (candidate.first > next) {
      missing ??= candidate.first;
      held.push(candidate);
    } else if (end > next) {
      dispatch.push({ batch: candidate, from: next - candidate.first });
      next = end;
    }
  }
  if (held.length > MAX_HELD) held = held.slice(0, MAX_HELD);
  const unanswered = sequence.asked > next;
  const want = missing !== undefined && !unanswered ? { from: next, to: missing } : undefined;
  const asked = want ? want.to : Math.max(sequence.asked, next);
  return { sequence: { epoch: sequence.epoch, next, held, asked }, dispatch, want };
}
