import { joinFlow, allocateStorage, symbolicStorage } from "../../runtime/scope.js";
import { DISPOSED, FREED } from "../../runtime/storage.js";
import { eagerTape } from "../../runtime/tape.js";
import { CaptureError, FreedError, GradientError, OverwrittenError, ValueError } from "../../errors.js";
import { recorder, varies } from "./capturing.js";
import { dtypes, type DTypeName } from "../dtype.js";
import { checkFinite, findsNonFinite, noteSymbolic } from "./finite.js";
import { Node, Tensor, type Layout, type Primitive } from "../graph.js";
import { denseStrides, isDense, showShape, sizeOf, type Shape } from "../shape.js";
import { operations } from "../operations.js";
import { recordSymbolic } from "./symbolic.js";
import { Variable } from "../variable.js";

/** Whether operations on tracked tensors make nodes. */
let tracking = true;

/** Whether nodes are being made. */
export function isTracking(): boolean {
  return tracking;
}

/** Runs `body` with the making of nodes switched on or off. */
export function withTracking<T>(on: boolean, body: () => T): T {
  const before = tracking;
  tracking = on;
  try {
    return body();
  } finally {
    tracking = before;
  }
}

/** Whether random draws, and what is computed of them, make nodes, so that they can be made again. */
let repeatable = false;

/** Runs a body whose random draws are nodes: constant to differentiation, but known by how they were made. */
export function withRepeatableDraws<T>(body: () => T): T {
  const before = repeatable;
  repeatable = true;
  try {
    return body();
  } finally {
    repeatable = before;
  }
}

/** The state that a draw is made from: where it may have to be made again, a copy that later draws leave as it is. */
export function stateOfDraw(state: Tensor): Tensor {
  if (!repeatable) return state;
  const saved = operations.copy(state);
  markRepeatable(operations.copy.primitive, [], null, saved);
  return saved;
}

function markRepeatable<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
  output.node = makeNode(primitive, inputs, params, output);
  output.node.untracked = true;
}

/**
 * Applies an operation: checks the arguments, runs the kernel at once, and makes a node if one of them is tracked.
 * Everything that can be refused is refused before memory is taken.
 */
export function apply<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i]!;
    if (!x.storage) return applySymbolic(primitive, inputs, params);
    checkLive(primitive.name, x);
  }
  const output = primitive.view ? view(primitive, inputs[0]!, params) : compute(primitive, inputs, params);
  if (tracking && primitive.derivative.kind !== "none" && output.type.float) track(primitive, inputs, params, output);
  else if (repeatable && inputs.some((x) => x.node?.untracked)) markRepeatable(primitive, inputs, params, output);
  return output;
}

/** As `apply`, where an argument has no values yet: nothing runs, and the node is always made. */
function applySymbolic<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  for (const x of inputs) checkLive(primitive.name, x);
  const { shape, dtype } = primitive.infer(inputs, params);
  const output = symbolic(
    primitive.view?.(inputs[0]!, params) ?? { shape, strides: denseStrides(shape), offset: 0 },
    dtype,
  );
  output.node = makeNode(primitive, inputs, params, output);
  output.node.untracked = !tracking;
  return output;
}

/** A tensor without values, for the making of a graph. */
export function symbolic({ shape, strides, offset }: Layout, dtype: DTypeName): Tensor {
  return new Tensor(null, dtype, shape, strides, offset, sizeOf(shape), isDense(shape, strides));
}

function view<P>(primitive: Primitive<P>, x: Tensor, params: P): Tensor {
  primitive.infer([x], params);
  return viewOf(x, primitive.view!(x, params));
}

function compute<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  const { shape, dtype } = primitive.infer(inputs, params);
  // What is the same in every call of a program is computed once.
  if (recorder && inputs.some(varies)) return recorder.compute(primitive, inputs, params, { shape, dtype });
  const output = allocateTensor(shape, dtype, inputs);
  try {
    eagerTape.begin(primitive.name);
    primitive.encode!(eagerTape, output, inputs, params);
    eagerTape.run();
  } catch (error) {
    output.storage!.free(`the failure of ${primitive.name}`);
    throw error;
  }
  if (findsNonFinite()) checkFinite(primitive.name, inputs, [output]);
  return output;
}

function track<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): void {
  for (let i = 0; i < inputs.length; i++) {
    if (!inputs[i]!.node) continue;
    output.node = makeNode(primitive, inputs, params, output);
    return;
  }
}

/** A node that saves its inputs and its output. A variable is saved as the version that it has now. */
export function makeNode<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P, output: Tensor): Node {
  let saved = inputs;
  for (let i = 0; i < inputs.length; i++) if (inputs[i] instanceof Variable) saved = inputs.map(snapshot);
  for (let i = 0; i < saved.length; i++) {
    const storage = saved[i]!.storage;
    if (storage) storage.edges++;
  }
  if (output.storage) output.storage.edges++;
  const node = new Node(primitive, saved, params, output);
  if (!output.storage) {
    recordSymbolic(node);
    noteSymbolic(node);
  }
  recorder?.made(node);
  return node;
}

function snapshot(x: Tensor): Tensor {
  return x instanceof Variable ? x.snapshot() : x;
}

/** An uninitialised dense tensor, owned by whatever owns the temporaries of now. */
export function allocateTensor(shape: Shape, dtype: DTypeName, inputs: readonly Tensor[] = []): Tensor {
  // Results mostly look like their first input: then its size and strides serve again.
  for (let i = 0; i < inputs.length; i++) {
    const model = inputs[i]!;
    if (model.shape !== shape || !model.dense || model.dtype !== dtype) continue;
    return new Tensor(
      allocateStorage(model.size * model.type.bytes, joinFlow(inputs)),
      dtype,
      shape,
      model.strides,
      0,
      model.size,
      true,
    );
  }
  const size = sizeOf(shape);
  return new Tensor(
    allocateStorage(size * dtypes[dtype].bytes, joinFlow(inputs)),
    dtype,
    shape,
    denseStrides(shape),
    0,
    size,
    true,
  );
}

/** A dense tensor without memory, for a capture; owned as one with memory would be. */
export function allocateSymbolic(shape: Shape, dtype: DTypeName): Tensor {
  const size = sizeOf(shape);
  return new Tensor(symbolicStorage(size * dtypes[dtype].bytes), dtype, shape, denseStrides(shape), 0, size, true);
}

/** Handles that hold a storage when it has outlived its scope: those that `keep` gave, and what was made of them since. */
export const later = new WeakSet<Tensor>();

/** Another handle on the storage of x. */
export function viewOf(x: Tensor, layout: Layout): Tensor {
  const { shape, strides, offset } = layout;
  const y = new Tensor(x.storage, x.dtype, shape, strides, offset, sizeOf(shape), isDense(shape, strides));
  y.version = x.version;
  if (x.storage?.former) later.add(y);
  return y;
}

/** A second handle on the same values, without their graph. */
export function alias(x: Tensor): Tensor {
  return viewOf(x, x);
}

/** The view `y` of an intermediate handle that nobody else will see, and that therefore no longer counts. */
export function inPlaceOf(x: Tensor, y: Tensor): Tensor {
  if (x !== y && x.storage && x.storage === y.storage) {
    x.storage.handles--;
    if (x.node) x.node.uncounted = true;
  }
  return y;
}

/** Refuses a handle whose values are gone. One comparison when all is well. */
export function checkLive(operation: string, x: Tensor): void {
  const storage = x.storage;
  if (!storage) return;
  if (x.version === storage.version) return;
  const origin = storage.madeAt === "" ? "" : ` made at ${storage.madeAt}`;
  const what = `tensor #${storage.serial} ${x.dtype} ${showShape(x.shape)}${origin}`;
  if (storage.version === FREED) {
    throw new FreedError(
      operation,
      "a live tensor",
      `${what}, freed by ${storage.freedBy}; keep(x) makes a value outlive its scope, a variable is never in one`,
    );
  }
  if (x.version <= DISPOSED) throw new FreedError(operation, "a live tensor", `${what}, disposed of`);
  throw new OverwrittenError(
    operation,
    "the value that it saw",
    storage.holder instanceof Variable
      ? `${what}, a value of ${storage.label === "" ? "a variable" : `the variable "${storage.label}"`} that was assigned to since`
      : `${what}, which its program wrote again`,
  );
}

/** Refuses a symbolic tensor where values are needed, and while a program is made also a variable. */
export function checkValues(operation: string, x: Tensor): void {
  checkUsable(operation, x);
  if (x.storage!.address !== 0 && !(recorder && varies(x))) return;
  throw new CaptureError(
    operation,
    "a value that is known while the program is made",
    `${x.dtype} ${showShape(x.shape)}, which changes from call to call; choose with where(), ` +
      "or pass what decides as a static argument: compile(f, { static: [position] })",
  );
}

/** Refuses what has neither values nor a place in a program: an example of vmap, and what is computed of one. */
export function checkUsable(operation: string, x: Tensor): void {
  if (!((x as unknown) instanceof Tensor)) throw new ValueError(operation, "a tensor", typeof x);
  if (!x.storage) throw new CaptureError(operation, "a tensor with values", "a symbolic one, which has only a shape");
  checkLive(operation, x);
}

/** The handle itself, or, if its user disposed of it, another on the memory that the graph still holds. */
export function revive(x: Tensor): Tensor {
  if (!(x.version <= DISPOSED) || !x.storage || x.storage.version === FREED) return x;
  const y = alias(x);
  x.storage.handles--; // Nobody else will see it.
  y.version = DISPOSED - x.version;
  y.node = x.node;
  return y;
}

/** Lets go of what a node saved; differentiating through it again is an error, which says what did it. */
export function consume(node: Node, by: string): void {
  if (node.consumed || node.primitive.savesNothing) return;
  node.consumed = by;
  for (const x of [...node.inputs, node.output]) x.storage?.drop(0, 1, "the end of its graph", node.serial);
  node.inputs = [];
}

/** The error for a graph whose values were let go. */
export function consumedError(operation: string, node: Node): GradientError {
  const { consumed, primitive } = node;
  const freed =
    consumed === "backward"
      ? `one that an earlier backward freed (at ${primitive.name}); pass { retainGraph: true } to that one`
      : `one that ${consumed} let go when it was done (at ${primitive.name})`;
  return new GradientError(operation, "a graph whose values are still there", freed);
}
