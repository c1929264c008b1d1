import { dispose } from "../core/running/scopes.js";
import { zeros } from "../functions/creation.js";
import { reportOf } from "./errors.js";
import type { Answer, Order } from "./messages.js";
import { ownPort, type Port } from "./port.js";
import { Holdings, packed, received, unpacked } from "./share.js";

/** What a task is given besides its input. */
export interface TaskContext<P = unknown> {
  /**
   * Sends progress, in which there may be tensors, to whoever runs the task. Once the run is aborted it throws: where memory
   * is shared, in a loop that never awaits too.
   */
  report(progress: P): void;
  /** Aborted with the run, when the task next awaits or reports: for a DataLoader, `fit`, or `signal.throwIfAborted()`. */
  readonly signal: AbortSignal;
}

/** Functions that a worker runs, by name. */
export type Tasks = Readonly<Record<string, (input: never, context: TaskContext<never>) => unknown>>;

/** The same where their names are known: an interface is such a type too. */
export type TasksOf<T> = { readonly [K in keyof T]: Tasks[string] };

/**
 * Makes the worker whose module calls it ready to run functions for whoever started it. Each takes an input, in which tensors
 * are this thread's own, and gives a result or a promise of one. In a main thread it is a `WorkerError`.
 */
export function expose<T extends Tasks>(tasks: T): T {
  new Exposed(tasks, ownPort());
  return tasks;
}

/** The worker's side of the conversation. */
class Exposed {
  private readonly holdings = new Holdings();
  private readonly controllers = new Map<number, AbortController>();

  constructor(
    private readonly tasks: Tasks,
    private readonly port: Port,
  ) {
    port.listen((message) => this.take(message as Order));
    this.greet();
  }

  private greet(): void {
    this.answer({ kind: "ready", tasks: Object.keys(this.tasks) });
  }

  private take(order: Order): void {
    if (order.kind === "hello") this.greet();
    else if (order.kind === "abort") this.controllers.get(order.run)?.abort();
    else if (order.kind === "release") this.holdings.release(order.held);
    else void this.obey(order);
  }

  /** Does what a run asks for, and answers with its result or with what it threw. */
  private async obey(order: Order & { kind: "run" | "allocate" }): Promise<void> {
    const { run } = order;
    try {
      if (order.kind === "run") this.send("result", run, await this.perform(order));
      else this.allocate(order);
    } catch (error) {
      this.answer({ kind: "failure", run, error: reportOf(error) });
    } finally {
      this.controllers.delete(run);
    }
  }

  /** A tensor that only the other side holds. */
  private allocate({ run, shape, dtype }: Order & { kind: "allocate" }): void {
    const x = zeros(shape, { dtype });
    this.send("result", run, x);
    dispose(x);
  }

  private perform({ run, task, input, flag }: Order & { kind: "run" }): unknown {
    const controller = new AbortController();
    this.controllers.set(run, controller);
    const { signal } = controller;
    const report = (progress: unknown): void => {
      if (Atomics.load(flag, 0) !== 0) controller.abort();
      signal.throwIfAborted();
      this.send("progress", run, progress);
    };
    return this.tasks[task]!(this.unpack(input) as never, { report, signal });
  }

  /** An input; what was held for it is released, since it has been copied. */
  private unpack(input: unknown): unknown {
    return unpacked(
      input,
      (parcel) => {
        const x = received(parcel);
        if (parcel.held >= 0) this.answer({ kind: "release", held: parcel.held });
        return x;
      },
      (held) => this.holdings.handle(held),
    );
  }

  private send(kind: "progress" | "result", run: number, value: unknown): void {
    const transfer: ArrayBuffer[] = [];
    this.holdings.whileSending(() =>
      this.answer({ kind, run, value: packed(value, this.holdings, transfer) }, transfer),
    );
  }

  private answer(answer: Answer, transfer: readonly ArrayBuffer[] = []): void {
    this.port.post(answer, transfer);
  }
}
