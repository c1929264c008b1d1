import { checkLive } from "../../core/running/apply.js";
import { Tensor, type Node } from "../../core/graph.js";
import { denseStrides, sameShape, showShape } from "../../core/shape.js";
import { isPlainObject, type Tree } from "../../core/tree.js";
import { Variable } from "../../core/variable.js";
import { DTypeError, ShapeError, ValueError } from "../../errors.js";
import { PERMANENT } from "../../runtime/storage.js";
import { Slot } from "../capture/capture.js";
import type { Executable } from "./executable.js";
import type { Frame } from "../lower/frame.js";
import type { Operand } from "../capture/graph.js";
import { owned } from "./memory.js";
import { bytesOf } from "../plan/place.js";
import type { Leaf } from "../capture/signature.js";

/** A program with its arguments and results in their places, once for all. */
export class Bound {
  private executable: Executable;
  private leaves: readonly Leaf[];
  private frame: Frame;
  private readonly results: readonly Tensor[];
  /** What they depend on after a call, whoever else writes them. */
  private nodes: (Node | null)[] = [];
  /** Whether the results are its own. */
  private readonly ours: boolean;
  /** What every call returns. */
  readonly value: unknown;

  /** `find` gives the executable for the arguments in the present modes. */
  constructor(
    private readonly name: string,
    private readonly find: () => Executable,
    given: Tree | undefined,
  ) {
    this.executable = find();
    this.leaves = [...this.executable.leaves];
    const wanted = this.executable.plan.graph.results;
    this.ours = given === undefined;
    this.results = this.ours ? wanted.map(ownResult) : tensorsIn(this.executable.captured.result, given);
    this.checkResults();
    this.frame = this.executable.bind();
    // From here on they change from call to call, for whoever else reads them.
    for (const y of this.results) ((y.storage!.holder ??= new Set()) as Set<Bound>).add(this);
    this.track();
    this.value = this.executable.fill(this.results, this.leaves);
  }

  /** Runs the program. Allocates nothing, as long as no mode has changed. */
  run(): unknown {
    if (!this.executable.isCurrent()) this.rebind();
    for (let i = 0; i < this.results.length; i++) checkLive(this.name, this.results[i]!);
    this.executable.run(this.frame, this.leaves, this.results);
    for (let i = 0; i < this.results.length; i++) this.results[i]!.node = this.nodes[i]!;
    return this.value;
  }

  /** A mode has changed, such as whether there are gradients to add to: another graph serves from now on. */
  private rebind(): void {
    const next = this.find();
    this.executable.unbind(this.frame);
    this.executable = next;
    this.leaves = [...next.leaves];
    this.checkResults();
    this.frame = next.bind();
    this.track();
  }

  /** Results depend on what the present graph closes over, and on nothing from before: from the next call on. */
  private track(): void {
    const before = this.results.map(({ node }) => node);
    for (const y of this.results) y.node = null;
    this.executable.track(this.results);
    this.nodes = this.results.map(({ node }) => node);
    for (const [i, y] of this.results.entries()) y.node = before[i]!;
  }

  private checkResults(): void {
    const wanted = this.executable.plan.graph.results;
    const { results, name } = this;
    if (results.length !== wanted.length)
      throw new ValueError(name, `${wanted.length} tensors for the results`, `${results.length}`);
    const { constants } = this.executable.captured;
    for (const [i, y] of results.entries()) {
      checkResult(name, y, wanted[i]!, [...this.leaves, ...results.slice(0, i)]);
      if (constants.has(y.storage!))
        throw new ValueError(name, "results with memory of their own", "one that the function closes over");
    }
  }

  /** Gives back its tape, and its results if they are its own. */
  dispose(by = `dispose of ${this.name}`): void {
    this.executable.unbind(this.frame);
    for (const y of this.results) {
      const storage = y.storage!;
      const { holder } = storage;
      // Others may be bound to the same results.
      if (holder instanceof Set && holder.delete(this) && holder.size === 0) storage.holder = null;
      if (!this.ours) continue;
      y.node = null;
      storage.free(by);
    }
  }
}

function ownResult({ value, shape, elements }: Operand): Tensor {
  return new Tensor(owned(bytesOf(value)), value.dtype, shape, denseStrides(shape), 0, elements, true);
}

/** What stands in a tree where a result has its tensors. */
function tensorsIn(result: Tree, given: Tree, found: Tensor[] = []): Tensor[] {
  if (result instanceof Slot) {
    if (result.kind === "result") found[result.position] = given as Tensor;
  } else if (Array.isArray(result) || isPlainObject(result)) {
    for (const [key, part] of Object.entries(result))
      tensorsIn(part, (given as Record<string, Tree> | null)?.[key], found);
  }
  return found;
}

function checkResult(name: string, y: unknown, { value, shape }: Operand, others: readonly Leaf[]): void {
  if (!(y instanceof Tensor)) throw new ValueError(name, "tensors for the results, in their places", typeof y);
  checkLive(name, y);
  const { holder, handles } = y.storage!;
  if (holder instanceof Variable || handles >= PERMANENT)
    throw new ValueError(
      name,
      "tensors for the results",
      "a variable or a gradient; the function itself can assign to it",
    );
  if (y.dtype !== value.dtype) throw new DTypeError(name, `a result of dtype ${value.dtype}`, y.dtype);
  if (!sameShape(y.shape, shape) || !y.dense)
    throw new ShapeError(
      name,
      `a dense tensor of shape ${showShape(shape)} for a result`,
      `${y.dense ? "" : "a view of "}shape ${showShape(y.shape)}`,
    );
  for (const other of others) {
    if (other instanceof Tensor && other.storage === y.storage)
      throw new ValueError(name, "results with memory of their own", "one that lies in an argument or another result");
  }
}
