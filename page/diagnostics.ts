import type { Inspected } from '../worker/messages.js';
import { TabcastError } from './index.js';
import { type Inspection, inspectionOf } from './inspection.js';
import { guarded } from './listeners.js';
import { checkMetricsOptions, Measurement, type Metrics, type MetricsOptions } from './metrics.js';
import type { TabStream } from './stream.js';

/** A worker that has not heard of the tab yet drops its questions. */
const ASK_AGAIN = 500;
/** How long to wait for an answer, in milliseconds. */
const PATIENCE = 5_000;

const known = new WeakMap<TabStream, Diagnostics>();

/** A stream's diagnostics. `ask` sends a request, `listen` says who takes the answers in. */
export function diagnosticsOf(
  stream: TabStream,
  ask: (request: number) => void,
  listen: (answered: (rows: Inspected) => void) => void,
): Diagnostics {
  const diagnostics = known.get(stream) ?? new Diagnostics(stream, ask, listen);
  known.set(stream, diagnostics);
  return diagnostics;
}

/** What a page can learn of a stream beyond its events. A page loads this only when it asks. */
export class Diagnostics {
  #measurement: Measurement | undefined;
  #lastRequest = 0;
  readonly #waiting = new Map<number, (rows: Inspected) => void>();

  constructor(
    private readonly stream: TabStream,
    private readonly ask: (request: number) => void,
    listen: (answered: (rows: Inspected) => void) => void,
  ) {
    listen((rows) => this.#waiting.get(rows[0])?.(rows));
  }

  inspect(): Promise<Inspection> {
    this.#lastRequest += 1;
    const request = this.#lastRequest;
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiting.delete(request);
        clearInterval(asking);
        clearTimeout(limit);
      };
      this.#waiting.set(request, (rows) => {
        end();
        resolve(inspectionOf(rows, this.stream.status.host, Date.now()));
      });
      const asking = setInterval(() => this.ask(request), ASK_AGAIN);
      const limit = setTimeout(
        () => {
          end();
          const message = 'No worker answers: inspect a stream that is not closed.';
          reject(new TabcastError('no-answer', message));
        },
        isGone(this.stream) ? 0 : PATIENCE,
      );
      this.ask(request);
    });
  }

  async metrics(): Promise<Metrics> {
    this.#measurement ??= new Measurement(this.stream, {});
    return this.#measurement.metrics(await this.inspect());
  }

  /** Measures, and reports every interval, until `signal` is aborted. */
  report(listener: (metrics: Metrics) => void, options: MetricsOptions, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { interval } = checkMetricsOptions(options);
    const measurement = new Measurement(this.stream, options);
    const timer = setInterval(async () => {
      try {
        const metrics = await measurement.metrics(await this.inspect());
        if (!signal.aborted) guarded(() => listener(metrics));
      } catch {
        // Nobody answers now: there is nothing to report until somebody does.
      }
    }, interval);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      measurement.end();
    });
  }
}

const isGone = ({ status: { reason } }: TabStream): boolean =>
  reason === 'left' || reason === 'worker-failed' || reason === 'unsupported';
