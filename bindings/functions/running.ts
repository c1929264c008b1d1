import { asTensor, type TensorLike } from "../core/create.js";
import type { Tensor } from "../core/graph.js";
import { dispose, ownedBy } from "../core/scopes.js";
import { normalizeAxis } from "../core/shape.js";
import { ValueError } from "../errors.js";
import { ge, le, ne, sub, where } from "../primitives/arithmetic.js";
import { float, type Binary } from "../primitives/define.js";
import { iota } from "../primitives/generate.js";
import { gather } from "../primitives/indexing.js";
import { copy, expand, identity, reshape } from "../primitives/movement.js";
import { logaddexp } from "./elementwise.js";
import { isNaN, logicalOr } from "./logic.js";
import { cat } from "./movement.js";
import type { Sorted } from "./order.js";
import { part } from "./split.js";

/** Running log Σ e^x along an axis, by default the last: y[i] = log(e^x[0] + .. + e^x[i]), without overflow. */
export function logcumsumexp(x: TensorLike, axis = -1): Tensor {
  const t = identity(float(asTensor("logcumsumexp", x)));
  return doubled("logcumsumexp", t, normalizeAxis("logcumsumexp", axis, t.rank || 1), logaddexp);
}

/** What becomes of runs of 1, 2, 4, .. elements along an axis, each from two runs of half the length. */
function doubled(operation: string, first: Tensor, along: number, join: (x: Tensor, y: Tensor) => Tensor): Tensor {
  const n = first.shape[along] ?? 1;
  let y = first;
  for (let run = 1; run < n; run *= 2) {
    const [start, earlier, later] = [part(y, along, 0, run), part(y, along, 0, n - run), part(y, along, run, n - run)];
    const done = [y, start, earlier, later];
    // Each step leaves its result alone.
    y = ownedBy(operation, () => cat([start, join(earlier, later)], along));
    if (!y.node) done.forEach(dispose); // No graph has seen them.
  }
  return y;
}

/**
 * The greatest elements so far along an axis, by default the last, and their places (i32): the last of equal ones, which alone
 * has the derivative. From a NaN on, NaN.
 */
export function cummax(x: TensorLike, axis = -1): Sorted {
  return foremost("cummax", x, axis, ge);
}

/** The least elements so far along an axis, and their places, as `cummax` finds the greatest. */
export function cummin(x: TensorLike, axis = -1): Sorted {
  return foremost("cummin", x, axis, le);
}

/** The places of the foremost of runs of elements. */
function foremost(operation: string, x: TensorLike, axis: number, beats: Binary): Sorted {
  const t = asTensor(operation, x);
  const along = normalizeAxis(operation, axis, t.rank || 1);
  const n = t.shape[along] ?? 1;
  const column = t.shape.map((_, i) => (i === along ? n : 1));
  const own = copy(expand(reshape(iota(n, "i32"), column), t.shape));
  const places = doubled(operation, own, along, (earlier, later) => {
    const [a, b] = [gather(t, along, earlier), gather(t, along, later)];
    const wins = t.type.float ? logicalOr(beats(b, a), isNaN(b)) : beats(b, a); // Nothing beats a NaN but another.
    return where(wins, later, earlier);
  });
  return { values: gather(t, along, places), indices: places };
}

/** Differences of neighbours along an axis, by default the last, `order` times; each time there is one fewer. Of truth values: whether they differ. */
export function diff(x: TensorLike, order = 1, axis = -1): Tensor {
  let y = identity(asTensor("diff", x));
  if (!Number.isInteger(order) || order < 0) throw new ValueError("diff", "a whole order from 0", String(order));
  const along = normalizeAxis("diff", axis, y.rank);
  for (let i = Math.min(order, y.shape[along]!); i > 0; i--) {
    const n = Math.max(y.shape[along]! - 1, 0);
    const [later, earlier] = [part(y, along, Math.min(1, y.shape[along]!), n), part(y, along, 0, n)];
    y = y.dtype === "bool" ? ne(later, earlier) : sub(later, earlier);
  }
  return y;
}
