import { backward, gradOf, requiresGrad, zeroGrad } from "./autodiff/backward.js";
import { registerHook, retainGrad } from "./autodiff/hooks.js";
import { data, item, iterate, read, toArray, toPrimitive } from "./core/values/access.js";
import { assign } from "./core/values/assign.js";
import { isSymbolic } from "./core/running/capturing.js";
import type { NestedArray, TensorLike } from "./core/values/create.js";
import { formatTensor } from "./core/values/format.js";
import { Tensor } from "./core/graph.js";
import { dispose, keep } from "./core/running/scopes.js";
import { showShape } from "./core/shape.js";
import { Variable } from "./core/variable.js";
import { WeakNumber } from "./core/values/weak.js";
import * as activations from "./functions/elementwise/activations.js";
import * as arithmetic from "./functions/elementwise/arithmetic.js";
import { dropout } from "./functions/random/dropout.js";
import * as elementwise from "./functions/elementwise/elementwise.js";
import { normalize } from "./functions/norms/distance.js";
import * as logic from "./functions/elementwise/logic.js";
import { crossEntropy } from "./functions/losses/cross-entropy.js";
import { mseLoss } from "./functions/losses/regression.js";
import { matrixExp, matrixPower } from "./functions/linalg/powers.js";
import { det, inv, logdet } from "./functions/linalg/systems.js";
import { addmm, bmm, cross, dot, inner, kron, mm, mv, outer, tensordot } from "./functions/products/products.js";
import { indexAdd, indexFill, scatter, sliceAssign } from "./functions/indexing/update.js";
import {
  broadcastTo,
  moveAxis,
  movedim,
  repeat,
  repeatInterleave,
  roll,
  rot90,
  swapAxes,
  tile,
  unflatten,
} from "./functions/shapes/arrange.js";
import {
  argwhere,
  countNonzero,
  maskedFill,
  maskedSelect,
  nonzero,
  take,
  unique,
} from "./functions/indexing/choose.js";
import * as diagonals from "./functions/shapes/diagonals.js";
import * as extremes from "./functions/reductions/extremes.js";
import { flatten, flip, indexSelect, squeeze, transpose, unsqueeze } from "./functions/shapes/movement.js";
import { sort, takeAlongAxis, takeAlongDim, topk } from "./functions/indexing/order.js";
import { kthvalue, median, nanmedian, nanquantile, quantile } from "./functions/reductions/quantiles.js";
import { cummax, cummin, diff, logcumsumexp } from "./functions/reductions/running.js";
import { slice, type SliceIndex } from "./functions/indexing/slice.js";
import { pad } from "./functions/shapes/pad.js";
import { layerNorm, rmsNorm } from "./functions/norms/layer-norm.js";
import { norm } from "./functions/norms/norm.js";
import { chunk, narrow, select, split, unbind } from "./functions/shapes/split.js";
import { all, any, mean, nanmean, nansum, std, variance } from "./functions/reductions/statistics.js";
import { reshape } from "./primitives/movement.js";
import { argMax, argMin } from "./primitives/reductions/reduction.js";
import { table, type Table } from "./primitives/table.js";
import type * as access from "./core/values/access.js";
import type * as arrange from "./functions/shapes/arrange.js";
import type * as backwards from "./autodiff/backward.js";
import type * as choose from "./functions/indexing/choose.js";
import type * as crossEntropies from "./functions/losses/cross-entropy.js";
import type * as distance from "./functions/norms/distance.js";
import type * as dropouts from "./functions/random/dropout.js";
import type * as hooks from "./autodiff/hooks.js";
import type * as layerNorms from "./functions/norms/layer-norm.js";
import type * as movement from "./functions/shapes/movement.js";
import type * as norms from "./functions/norms/norm.js";
import type * as order from "./functions/indexing/order.js";
import type * as pads from "./functions/shapes/pad.js";
import type * as powers from "./functions/linalg/powers.js";
import type * as products from "./functions/products/products.js";
import type * as quantiles from "./functions/reductions/quantiles.js";
import type * as regression from "./functions/losses/regression.js";
import type * as running from "./functions/reductions/running.js";
import type * as scopes from "./core/running/scopes.js";
import type * as slices from "./functions/indexing/slice.js";
import type * as splits from "./functions/shapes/split.js";
import type * as statistics from "./functions/reductions/statistics.js";
import type * as systems from "./functions/linalg/systems.js";
import type * as update from "./functions/indexing/update.js";

// Functions of the library whose first argument is the tensor: they become its methods, with their types.

/** All that these files export. Their types are named, not spelled out: the published declarations refer to them. */
type Families = typeof activations &
  typeof arithmetic &
  typeof elementwise &
  typeof logic &
  typeof diagonals &
  typeof extremes;
const families: Families = { ...activations, ...arithmetic, ...elementwise, ...logic, ...diagonals, ...extremes };

/** Functions under names of PyTorch's, which as methods they have besides, or instead. */
interface Aliases {
  /** `argMax`, under PyTorch's name. */
  argmax: typeof argMax;
  /** `argMin`, under PyTorch's name. */
  argmin: typeof argMin;
  /** The inverse of square matrices: `linalg.inv`. */
  inverse: typeof inv;
  /** `moveAxis`, under PyTorch's name. */
  moveaxis: typeof moveAxis;
  /** `variance`, under PyTorch's name. */
  var: typeof variance;
  /** `reshape`, under PyTorch's name. */
  view: typeof reshape;
}
const aliases: Aliases = {
  ...{ argmax: argMax, argmin: argMin, inverse: inv, moveaxis: moveAxis, var: variance, view: reshape },
};

const composed = {
  ...{ argwhere, countNonzero, maskedFill, maskedSelect, nonzero, take, unique },
  ...{ broadcastTo, movedim, swapAxes },
  ...{ moveAxis, repeat, repeatInterleave, roll, rot90, tile, unflatten },
  ...{ addmm, cross, det, kron, logdet, matrixExp, matrixPower, mv, normalize, tensordot },
  ...{ norm, bmm, inner, mm, indexAdd, indexFill, scatter, sliceAssign },
  ...{ cummax, cummin, diff, logcumsumexp, kthvalue, median, nanmedian, nanquantile, quantile, nansum, nanmean },
  ...{ chunk, narrow, select, split, unbind },
  ...{ mean, dot, outer, crossEntropy, mseLoss },
  ...{ dropout, layerNorm, rmsNorm },
  ...{ all, any, std, variance },
  ...{ flatten, flip, indexSelect, slice, squeeze, transpose, unsqueeze },
  ...{ pad, sort, takeAlongAxis, takeAlongDim, topk },
  ...{ item, data, read, toArray, keep, dispose, backward, zeroGrad, registerHook, retainGrad },
};

/** Where these are described. */
type Described = typeof access &
  typeof arrange &
  typeof backwards &
  typeof choose &
  typeof crossEntropies &
  typeof distance &
  typeof dropouts &
  typeof hooks &
  typeof layerNorms &
  typeof movement &
  typeof norms &
  typeof order &
  typeof pads &
  typeof powers &
  typeof products &
  typeof quantiles &
  typeof regression &
  typeof running &
  typeof scopes &
  typeof slices &
  typeof splits &
  typeof statistics &
  typeof systems &
  typeof update;

const chained = { ...table, ...families, ...composed, ...aliases };
type Own = Families & Pick<Described, keyof typeof composed> & Aliases;
type Chained = Omit<Table, keyof Own> & Own;

/** Methods whose list of lengths, axes or counts may be written without brackets: `x.reshape(2, 3)`. */
const SPREAD = ["reshape", "view", "permute", "expand", "broadcastTo", "repeat", "tile", "flip"] as const;
type Spread = (typeof SPREAD)[number];

/** The function without its first argument. */
type Method<F> = F extends (x: never, ...rest: infer R) => infer Y ? (...rest: R) => Y : never;

/** The same of a function that is called in two ways. */
type Either<F> = F extends { (x: never, ...rest: infer R): infer Y; (x: never, ...rest: infer S): infer Z }
  ? ((...rest: R) => Y) & ((...rest: S) => Z)
  : never;

/** What is internal is no method; nor is `where`, which begins with the condition. `read` is generic, and declared below. */
type MethodName = {
  [K in keyof Chained]: Chained[K] extends { internal: true } ? never : Exclude<K, "where" | "read">;
}[keyof Chained];

/** Functions as methods, described as they are: that goes with a type that is `keyof` another, as in `Pick`, and not with `as`. */
type Methods<C, K extends keyof C> = {
  [P in K]: P extends Spread
    ? (...list: readonly number[] | readonly [readonly number[]]) => Tensor
    : P extends "median" | "nanmedian" | "unique"
      ? Either<C[P]>
      : Method<C[P]>;
};

declare module "./core/graph.js" {
  interface Tensor extends Methods<Chained, MethodName> {
    /** Calls `use` with the elements in place, which must not be kept beyond the call. */
    read<T>(use: (elements: Float32Array | Float64Array | Int32Array | Uint8Array) => T): T;
    /** The matrix transposed: the last two axes exchanged. Of fewer axes, a view of all. */
    readonly T: Tensor;
    /** The gradient that `backward` accumulated, or null. */
    readonly grad: Tensor | null;
    /** Whether operations on this tensor are tracked. */
    readonly requiresGrad: boolean;
    [Symbol.iterator](): IterableIterator<Tensor>;
    [Symbol.toPrimitive](hint: string): number | string;
    [Symbol.dispose](): void;
    toString(): string;
    /** As nested arrays. */
    toJSON(): number | boolean | NestedArray;
  }
}

declare module "./core/variable.js" {
  interface Variable {
    /** Writes values in place: of the variable's shape, or broadcasting to it. */
    assign(value: TensorLike): void;
  }
}

type AnyFunction = ((x: unknown, a?: unknown, b?: unknown, c?: unknown) => unknown) & { readonly internal?: true };

function define(prototype: object, name: string | symbol, value: unknown): void {
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
}

for (const [name, call] of Object.entries(chained) as [string, AnyFunction][]) {
  if (call.internal || name === "where" || name === "slice") continue;
  define(Tensor.prototype, name, function (this: Tensor, a?: unknown, b?: unknown, c?: unknown) {
    return call(this, a, b, c);
  });
}
for (const name of SPREAD) {
  const call = chained[name];
  define(Tensor.prototype, name, function (this: Tensor, ...list: readonly unknown[]) {
    return call(this, (typeof list[0] === "number" ? list : list[0]) as readonly number[]);
  });
}
define(Tensor.prototype, "slice", function (this: Tensor, ...index: SliceIndex[]) {
  return slice(this, ...index);
});
define(Variable.prototype, "assign", function (this: Variable, value: TensorLike) {
  assign(this, value);
});
define(Tensor.prototype, Symbol.iterator, function (this: Tensor) {
  return iterate(this);
});
define(Tensor.prototype, Symbol.toPrimitive, function (this: Tensor, hint: string) {
  return toPrimitive(this, hint);
});
define(Tensor.prototype, Symbol.dispose, function (this: Tensor) {
  dispose(this);
});
for (const [name, get] of Object.entries({
  T: (x: Tensor) => transpose(x, x.rank < 2 ? -1 : -2),
  grad: gradOf,
  requiresGrad,
})) {
  Object.defineProperty(Tensor.prototype, name, {
    get(this: Tensor) {
      return get(this);
    },
    configurable: true,
  });
}

/** As NumPy prints; a tensor without values says what it is. */
function show(x: Tensor): string {
  if (x instanceof WeakNumber)
    return "a number that may change from call to call; to compute with it, make the argument static";
  if (!x.storage || isSymbolic(x)) return `tensor(symbolic, shape ${showShape(x.shape)}, ${x.dtype})`;
  if (x.version !== x.storage.version)
    return `tensor(${x.storage.version < 0 || x.version < 0 ? "freed" : "overwritten"}, shape ${showShape(x.shape)}, ${x.dtype})`;
  return read(x, (elements) => formatTensor(elements, x.shape, x.dtype));
}
define(Tensor.prototype, "toJSON", function (this: Tensor) {
  return toArray(this);
});
define(Tensor.prototype, "toString", function (this: Tensor) {
  return show(this);
});
define(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), function (this: Tensor) {
  return show(this);
});
