/** What a run needs of the worker that does it. */
interface Doer {
  /** Tells the worker to stop. */
  stop(): void;
  /** The run has ended, one way or another. */
  end(): void;
}

/**
 * A task that a worker runs: an asynchronous iterable of what it reports, and its result. Leaving the loop early aborts it.
 * What is reported before anybody listens waits.
 */
export class TaskRun<P, R> implements AsyncIterable<P> {
  /** What the task gave. Rejects with a `WorkerError` if it threw or the worker ended, with the signal's reason if it was aborted. */
  readonly result: Promise<R>;
  private readonly waiting: P[] = [];
  private ended = false;
  /** What all who wait for a report or for the end wait for. */
  private change: Promise<void> | null = null;
  private wake = (): void => {};
  private resolve!: (result: R) => void;
  private reject!: (reason: unknown) => void;

  /** @internal */
  constructor(
    private readonly doer: Doer,
    private readonly signal: AbortSignal | null | undefined,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    signal?.addEventListener("abort", this.obey);
  }

  /** Ends the run: at once for those who wait, and for the worker when it next reports or awaits. */
  abort(reason: unknown = new DOMException("The run was aborted", "AbortError")): void {
    if (this.ended) return;
    this.doer.stop();
    this.fail(reason);
  }

  /** What the task reports, one after another; in the end throws what `result` rejects with. */
  async *[Symbol.asyncIterator](): AsyncGenerator<P, void, undefined> {
    // Who goes through the reports is told of the end there.
    this.result.catch(() => {});
    try {
      while (this.waiting.length > 0 || !this.ended) {
        if (this.waiting.length > 0) yield this.waiting.shift() as P;
        else await (this.change ??= new Promise<void>((resume) => (this.wake = resume)));
      }
    } finally {
      this.abort();
    }
    await this.result;
  }

  /** @internal */
  report(progress: P): void {
    this.waiting.push(progress);
    this.tell();
  }

  /** @internal */
  finish(result: R): void {
    this.resolve(result);
    this.close();
  }

  /** @internal */
  fail(reason: unknown): void {
    this.reject(reason);
    this.close();
  }

  private readonly obey = (): void => this.abort(this.signal?.reason);

  private close(): void {
    this.ended = true;
    this.signal?.removeEventListener("abort", this.obey);
    this.doer.end();
    this.tell();
  }

  private tell(): void {
    this.change = null;
    this.wake();
  }
}
