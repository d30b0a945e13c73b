/** How late events came, of those that say when the server sent them. */
export interface Lag {
  /** How many events that is; no more than the last 500 count. */
  readonly samples: number;
  /** Milliseconds later than the fastest of them. */
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  /**
   * How far the browser's clock is ahead of the server's, in milliseconds, plus the time that the
   * fastest event took: the two cannot be told apart from one side.
   */
  readonly clockOffset: number;
}

const WINDOW = 500;

/**
 * Delivery lag without trust in two clocks: whatever they differ by is in every sample, so the
 * smallest sample is taken for "no delay", as NTP's clock filter does (RFC 5905, section 10).
 */
export class LagMeter {
  readonly #samples: number[] = [];

  /** Both in milliseconds of Unix time, each by its own clock. What is not finite is left out. */
  add(sentAt: number, receivedAt: number): void {
    const sample = receivedAt - sentAt;
    if (!Number.isFinite(sample)) return;
    this.#samples.push(sample);
    if (this.#samples.length > WINDOW) this.#samples.shift();
  }

  /** Nothing where there was no sample. */
  lag(): Lag | null {
    const sorted = [...this.#samples].sort((a, b) => a - b);
    const [least] = sorted;
    if (least === undefined) return null;
    // The nearest-rank percentile.
    const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? least) - least;
    return {
      samples: sorted.length,
      median: at(0.5),
      p95: at(0.95),
      max: at(1),
      clockOffset: least,
    };
  }
}
