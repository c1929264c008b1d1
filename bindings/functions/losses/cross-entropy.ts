import { asTensor, type TensorLike } from "../../core/values/create.js";
import { peek } from "../../core/values/access.js";
import type { DTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { optionsOf } from "../../core/options.js";
import { composed } from "../../core/running/scopes.js";
import { sameShape, showShape, type Shape } from "../../core/shape.js";
import { IndexError, ShapeError, ValueError } from "../../errors.js";
import { add, div, mul, ne, where } from "../../primitives/elementwise/arithmetic.js";
import { asIndex, castTo, float } from "../../primitives/define.js";
import { neg } from "../../primitives/elementwise/unary.js";
import { permute, reshape } from "../../primitives/movement.js";
import { sum } from "../../primitives/reductions/reduction.js";
import { crossEntropy as crossEntropyRows, logSoftmax } from "../../primitives/reductions/rows.js";
import { pick } from "../indexing/choose.js";
import { MEAN, reduce, type LossOptions, type LossReduction } from "./reduce.js";

/** What the losses by class index have in common. */
export interface NllOptions extends LossOptions {
  /** How much each class counts, [classes]. The mean is that of the weighted losses: their sum over that of the weights. */
  weight?: TensorLike | null;
  /** A target that does not count. Default -100; with null every target counts. */
  ignoreIndex?: number | null;
}

const COUNTING = { weight: null, ignoreIndex: undefined, ...MEAN } as const;

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends NllOptions {
  /** Share of the target's probability that is spread evenly over all classes, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy of logits [n, classes, ..] with class indices [n, ..] (whole numbers), or with probabilities of the logits'
 * shape. Stable for logits of any size. An index outside the classes is an error, unless it is `ignoreIndex`. Reduced to a
 * scalar unless told otherwise.
 *
 * @throws IndexError for a target that is no class
 * @throws ShapeError for targets or weights that do not fit the logits
 * @throws ValueError for a labelSmoothing that is not from 0 to 1
 */
export function crossEntropy(logits: TensorLike, target: TensorLike, options?: CrossEntropyOptions): Tensor {
  const {
    labelSmoothing: smoothing,
    reduction,
    ...counting
  } = optionsOf("crossEntropy", options, {
    ...COUNTING,
    labelSmoothing: 0,
  });
  return composed("crossEntropy", logits, () => {
    const x = float(asTensor("crossEntropy", logits));
    const y = asTensor("crossEntropy", target);
    const { classes, expected } = classesOf("crossEntropy", x);
    if (!(smoothing >= 0 && smoothing <= 1))
      throw new ValueError("crossEntropy", "labelSmoothing from 0 to 1", String(smoothing));
    const weight = weightsOf("crossEntropy", counting.weight, classes);
    if (y.type.float && sameShape(x.shape, y.shape)) {
      const soft = smoothing === 0 ? y : add(mul(y, 1 - smoothing), smoothing / classes);
      const scores = logSoftmax(rows(x));
      const losses = neg(sum(mul(weight ? mul(scores, weight) : scores, rows(soft)), -1));
      return reduce("crossEntropy", shaped(losses, expected), reduction);
    }
    checkTargets("crossEntropy", x, y, expected, ` or probabilities ${showShape(x.shape)}`);
    const { places, counts, counted } = targetsOf("crossEntropy", y, counting.ignoreIndex, weight, classes, x.dtype);
    const scores = rows(x);
    const hard = crossEntropyRows(scores, places);
    let losses = counts ? mul(hard, counts) : hard;
    if (smoothing > 0) {
      const each = logSoftmax(scores);
      const even = sum(weight ? mul(each, weight) : each, -1);
      const spread = mul(even, -smoothing / classes);
      losses = add(mul(losses, 1 - smoothing), counted ? where(counted, spread, 0) : spread);
    }
    return weighted("crossEntropy", shaped(losses, expected), counts, expected, reduction);
  });
}

/**
 * Negative log-likelihood: minus the log-probability [n, classes, ..] of each target [n, ..]. What `crossEntropy` is of
 * `logSoftmax`.
 *
 * @throws IndexError for a target that is no class
 * @throws ShapeError for targets or weights that do not fit the log-probabilities
 */
export function nllLoss(logProbabilities: TensorLike, target: TensorLike, options?: NllOptions): Tensor {
  const { weight, ignoreIndex, reduction } = optionsOf("nllLoss", options, COUNTING);
  return composed("nllLoss", logProbabilities, () => {
    const x = float(asTensor("nllLoss", logProbabilities));
    const y = asTensor("nllLoss", target);
    const { classes, expected } = classesOf("nllLoss", x);
    checkTargets("nllLoss", x, y, expected, "");
    const weights = weightsOf("nllLoss", weight, classes);
    const { places, counts } = targetsOf("nllLoss", y, ignoreIndex, weights, classes, x.dtype);
    const listed = reshape(neg(pick("nllLoss", rows(x), reshape(places, [places.size, 1]))), [places.size]);
    const losses = counts ? mul(listed, counts) : listed;
    return weighted("nllLoss", shaped(losses, expected), counts, expected, reduction);
  });
}

/** Classes lie along axis 1, or along the only one. */
function classesOf(operation: string, x: Tensor): { classes: number; expected: Shape } {
  if (x.rank === 0) throw new ShapeError(operation, "scores [n, classes, ..]", showShape(x.shape));
  const axis = x.rank === 1 ? 0 : 1;
  const expected = x.shape.filter((_, i) => i !== axis);
  return { classes: x.shape[axis]!, expected };
}

/** x in a shape, or itself where it has it. */
function shaped(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : reshape(x, shape);
}

/** Scores [n, classes, ..] as rows [n .., classes]. */
function rows(x: Tensor): Tensor {
  if (x.rank <= 2) return x.rank === 2 ? x : reshape(x, [1, x.size]);
  const axes = x.shape.map((_, axis) => axis);
  axes.push(axes.splice(1, 1)[0]!);
  const lines = x.shape.reduce((product, length, axis) => (axis === 1 ? product : product * length), 1);
  return reshape(permute(x, axes), [lines, x.shape[1]!]);
}

function checkTargets(operation: string, x: Tensor, y: Tensor, expected: Shape, or: string): void {
  if (sameShape(y.shape, expected)) return;
  const wanted = `class indices ${showShape(expected)}${or} for scores ${showShape(x.shape)}`;
  throw new ShapeError(operation, wanted, showShape(y.shape));
}

function weightsOf(operation: string, weight: TensorLike | null, classes: number): Tensor | null {
  if (weight === null) return null;
  const w = float(asTensor(operation, weight));
  if (w.rank !== 1 || w.size !== classes)
    throw new ShapeError(operation, `a weight for each of ${classes} classes`, showShape(w.shape));
  return w;
}

/**
 * The targets as one list, each of which is a class; and how much each counts, unless all count the same. The target that does
 * not count is PyTorch's, unless another is given.
 */
function targetsOf(
  operation: string,
  target: Tensor,
  ignoreIndex: number | null = -100,
  weight: Tensor | null,
  classes: number,
  dtype: DTypeName,
): { places: Tensor; counts: Tensor | null; counted: Tensor | null } {
  if (ignoreIndex !== null && !Number.isInteger(ignoreIndex))
    throw new ValueError(operation, "ignoreIndex as a whole number or null", String(ignoreIndex));
  const given = shaped(asIndex(target, operation), [target.size]);
  const ignored = peek(operation, given, (list) => {
    let found = false;
    for (let i = 0; i < list.length; i++) {
      const place = list[i]!;
      if (place === ignoreIndex) found = true;
      else if (!(place >= 0 && place < classes))
        throw new IndexError(
          operation,
          `indices from 0 to ${classes - 1}${ignoreIndex === null ? "" : " or ignoreIndex"}`,
          `${place} at position ${i}`,
        );
    }
    return found;
  });
  if (ignoreIndex === null || ignored === false)
    return { places: given, counts: weight && pick(operation, weight, given), counted: null };
  const counted = ne(given, ignoreIndex);
  const places = where(counted, given, 0);
  const counts = weight ? where(counted, pick(operation, weight, places), 0) : castTo(counted, dtype);
  return { places, counts, counted };
}

/** The mean is over what counts. */
function weighted(
  operation: string,
  losses: Tensor,
  counts: Tensor | null,
  expected: Shape,
  reduction: LossReduction,
): Tensor {
  if (!counts || reduction !== "mean") return reduce(operation, losses, reduction);
  return div(sum(losses), sum(shaped(counts, expected)));
}
