import { ValueError } from "../errors.js";
import type { DTypeName } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import { canShareMemory } from "../runtime/module.js";
import { checkOptions } from "../shared/options.js";
import { Printed } from "../shared/printed.js";
import { checkSignal } from "../shared/signal.js";
import { errorOf, WorkerError } from "./errors.js";
import type { Tasks, TasksOf } from "./expose.js";
import type { Answer, Order } from "./messages.js";
import type { WorkerPort } from "./port.js";
import { TaskRun } from "./run.js";
import { Holdings, packed, unpacked, type Parcel } from "./share.js";
import { SharedTensor } from "./shared-tensor.js";
import type { Given, InputOf, ProgressOf, ResultOf, Seen } from "./types.js";

/** Timers take no more milliseconds, 24 days: of more they make one. */
const LONGEST = 2_147_483_647;

/** Options of `worker.run`. */
export interface RunOptions {
  /** Aborts the run. */
  signal?: AbortSignal | null;
}

/** An input and options; the input may be left out where the task takes none. */
type RunArguments<I> = undefined extends I
  ? [input?: Given<I>, options?: RunOptions]
  : [input: Given<I>, options?: RunOptions];

/** A worker that runs tasks, as the page or the main thread sees it. It keeps a process alive only while it runs one. */
export class TaskWorker<T extends TasksOf<T> = Tasks> extends Printed {
  private names: readonly string[] = [];
  private readonly runs = new Map<number, TaskRun<unknown, unknown>>();
  private readonly holdings = new Holdings();
  private next = 0;
  /** Why nothing can be run any more. */
  private ended: WorkerError | null = null;
  private greet = (): void => {};
  private refuse = (_: WorkerError): void => {};

  /** @internal */
  constructor(private readonly port: WorkerPort) {
    super();
    port.watch((reason) =>
      this.close(this.names.length > 0 ? "a worker that lives" : "a module that calls expose", reason),
    );
    port.listen((message) => this.take(message as Answer));
  }

  /** The names of its tasks. */
  get tasks(): readonly string[] {
    return this.names;
  }

  /** @internal Resolves when the worker says that it is ready. */
  async ready(timeout: number): Promise<void> {
    const giveUp = (): void => this.close("a call of expose", `none in ${timeout} ms`);
    const late = timeout <= LONGEST ? setTimeout(giveUp, timeout) : undefined;
    const greeted = new Promise<void>((resolve, reject) => {
      this.greet = resolve;
      this.refuse = reject;
    });
    this.say({ kind: "hello" });
    try {
      await greeted;
      this.port.hold(false);
    } finally {
      clearTimeout(late);
    }
  }

  /** Runs a task. Tensors of this thread are copied once, into the worker's memory; shared ones are not. */
  run<K extends keyof T & string>(
    task: K,
    ...[input, options = {}]: RunArguments<InputOf<T[K]>>
  ): TaskRun<Seen<ProgressOf<T[K]>>, Seen<ResultOf<T[K]>>> {
    checkOptions("run", options, { signal: null });
    const { signal } = options;
    checkSignal("run", signal);
    if (!this.names.includes(task)) throw new ValueError("run", `a task among ${this.names.join(", ")}`, task);
    const flag = new Int32Array(canShareMemory() ? new SharedArrayBuffer(4) : new ArrayBuffer(4));
    const transfer: ArrayBuffer[] = [];
    const orderOf = (run: number): Order => ({ kind: "run", run, task, flag, input: this.pack(input, transfer) });
    return this.open(orderOf, transfer, { signal, stop: () => Atomics.store(flag, 0, 1) });
  }

  /** A tensor of zeros in the worker, to be filled from here: where memory is shared, without a copy. */
  async allocate(shape: Shape, options: { dtype?: DTypeName } = {}): Promise<SharedTensor> {
    checkOptions("allocate", options, { dtype: null });
    const { dtype = "f32" } = options;
    return this.open<never, SharedTensor>((run) => ({ kind: "allocate", run, shape, dtype })).result;
  }

  /** Ends the worker at once, and its runs with a `WorkerError`. */
  terminate(): void {
    this.close("a worker that lives", "one that was terminated");
  }

  /** The tasks that it runs. */
  toString(): string {
    return `TaskWorker(${this.ended ? "ended" : this.names.join(", ")})`;
  }

  [Symbol.dispose](): void {
    this.terminate();
  }

  /** Begins a run by the order that is made for its number. */
  private open<P, R>(
    orderOf: (run: number) => Order,
    transfer: readonly ArrayBuffer[] = [],
    { signal, stop }: { signal?: AbortSignal | null | undefined; stop?: () => unknown } = {},
  ): TaskRun<P, R> {
    if (this.ended) throw this.ended;
    signal?.throwIfAborted();
    const id = this.next++;
    const doer = {
      stop: () => {
        stop?.();
        this.say({ kind: "abort", run: id });
      },
      end: () => {
        this.runs.delete(id);
        if (this.runs.size === 0) this.port.hold(false);
      },
    };
    try {
      this.holdings.whileSending(() => this.say(orderOf(id), transfer));
    } catch (error) {
      if ((error as Error).name !== "DataCloneError") throw error;
      throw new ValueError("run", "an input of tensors, and of what postMessage copies", String(error), {
        cause: error,
      });
    }
    const run = new TaskRun<P, R>(doer, signal);
    this.runs.set(id, run as TaskRun<unknown, unknown>);
    this.port.hold(true);
    return run;
  }

  private take(answer: Answer): void {
    if (answer.kind === "ready") {
      this.names = answer.tasks;
      this.greet();
    } else if (answer.kind === "release") {
      this.holdings.release(answer.held);
    } else if (answer.kind === "failure") {
      const cause = errorOf(answer.error);
      const got = `${cause.name}: ${cause.message}`;
      this.runs.get(answer.run)?.fail(new WorkerError("run", "a task that ends well", got, { cause }));
    } else {
      const run = this.runs.get(answer.run);
      const value = this.unpack(answer.value, run !== undefined);
      if (answer.kind === "progress") run?.report(value);
      else run?.finish(value);
    }
  }

  /** An input for the worker. Tensors that are another worker's could be freed on the way: they are copied. */
  private pack(input: unknown, transfer: ArrayBuffer[]): unknown {
    return packed(input, this.holdings, transfer, (leaf) => {
      if (!(leaf instanceof SharedTensor)) return undefined;
      const { elements: seen } = leaf;
      if (leaf.owner === this && leaf.held >= 0) return leaf.held;
      const elements = seen.slice();
      transfer.push(elements.buffer);
      return { dtype: leaf.dtype, shape: leaf.shape, elements, held: -1 };
    });
  }

  /** What the worker sent; its tensors are given back at once if nobody waits for them. */
  private unpack(value: unknown, isWanted: boolean): unknown {
    const release = (held: number): void => this.say({ kind: "release", held });
    return unpacked(value, (parcel: Parcel) => {
      const x = new SharedTensor(parcel, this, release);
      if (!isWanted) x.dispose();
      return x;
    });
  }

  private say(order: Order, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.ended) this.port.post(order, transfer);
  }

  /** The end of the worker and of everything that waits for it. */
  private close(expected: string, reason: unknown): void {
    if (this.ended) return;
    const operation = this.names.length > 0 ? "run" : "startWorker";
    const isError = reason instanceof Error;
    const got = isError ? `${reason.name}: ${reason.message}` : String(reason);
    this.ended = new WorkerError(operation, expected, got, isError ? { cause: reason } : {});
    this.refuse(this.ended);
    for (const run of this.runs.values()) run.fail(this.ended);
    this.port.terminate();
    this.holdings.releaseFrom(0);
  }
}
