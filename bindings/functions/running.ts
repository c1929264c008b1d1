import { asTensor, type TensorLike } from "../core/create.js";
import type { Tensor } from "../core/graph.js";
import { normalizeAxis } from "../core/shape.js";
import { ValueError } from "../errors.js";
import { ne, sub } from "../primitives/arithmetic.js";
import { float } from "../primitives/define.js";
import { identity } from "../primitives/movement.js";
import { logaddexp } from "./elementwise.js";
import { cat } from "./movement.js";
import { part } from "./split.js";

/** Running log Σ e^x along an axis, by default the last: y[i] = log(e^x[0] + .. + e^x[i]), without overflow. */
export function logcumsumexp(x: TensorLike, axis = -1): Tensor {
  let y = identity(float(asTensor("logcumsumexp", x)));
  const along = normalizeAxis("logcumsumexp", axis, y.rank);
  const n = y.shape[along]!;
  // By doubling: sums of runs of 1, 2, 4, .. elements, each of two runs of half the length.
  for (let run = 1; run < n; run *= 2) {
    const longer = logaddexp(part(y, along, 0, n - run), part(y, along, run, n - run));
    y = cat([part(y, along, 0, run), longer], along);
  }
  return y;
}

/** Differences of neighbours along an axis, by default the last, `order` times; each time there is one fewer. Of truth values: whether they differ. */
export function diff(x: TensorLike, order = 1, axis = -1): Tensor {
  let y = identity(asTensor("diff", x));
  if (!Number.isInteger(order) || order < 0) throw new ValueError("diff", "a whole order from 0", String(order));
  const along = normalizeAxis("diff", axis, y.rank);
  for (let i = 0; i < order; i++) {
    const n = Math.max(y.shape[along]! - 1, 0);
    const [later, earlier] = [part(y, along, Math.min(1, y.shape[along]!), n), part(y, along, 0, n)];
    y = y.dtype === "bool" ? ne(later, earlier) : sub(later, earlier);
  }
  return y;
}
