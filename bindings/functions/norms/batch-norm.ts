import { withTracking } from "../../core/running/apply.js";
import { assign } from "../../core/values/assign.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import type { Tensor } from "../../core/graph.js";
import { checkOptions } from "../../core/options.js";
import { ownedBy } from "../../core/running/scopes.js";
import { showShape } from "../../core/shape.js";
import { ShapeError, ValueError } from "../../errors.js";
import { add, mul, sub } from "../../primitives/elementwise/arithmetic.js";
import { castTo, float } from "../../primitives/define.js";
import { permute, reshape } from "../../primitives/movement.js";
import { layerNorm as layerNormRows } from "../../primitives/reductions/norm.js";
import { rsqrt } from "../../primitives/elementwise/powers.js";
import { mean, variance } from "../reductions/statistics.js";

/** Options of `groupNorm` and `instanceNorm`. */
export interface GroupNormOptions {
  /** Times the normalised values, [c]. */
  weight?: TensorLike | null;
  /** Added to the scaled values, [c]. */
  bias?: TensorLike | null;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

const AFFINE = { weight: null, bias: null, eps: 0 };

/** Options of `batchNorm`. */
export interface BatchNormOptions extends GroupNormOptions {
  /** Whether the statistics are those of the input, which then also go into the running ones. Default false. */
  training?: boolean;
  /** The weight of the new statistics in the running ones, 0-d. Default 0.1. */
  momentum?: TensorLike;
}

/**
 * (x - m) / √(v + eps) weight + bias for each channel of x [n, c, ..] (Ioffe and Szegedy 2015). In training m and v are the
 * mean and the variance (without Bessel's correction) over all but the channels, and the running ones, if they are given,
 * are assigned r + momentum (m - r), the variance there with the correction; they must be variables, [c], and stay as they
 * are where x is empty. Otherwise m and v are the running ones. PyTorch: `batch_norm`.
 */
export function batchNorm(
  input: TensorLike,
  runningMean?: TensorLike | null,
  runningVar?: TensorLike | null,
  options: BatchNormOptions = {},
): Tensor {
  checkOptions("batchNorm", options, { ...AFFINE, training: false, momentum: null });
  const { training = false, momentum = 0.1, eps = 1e-5 } = options;
  const x = channelled("batchNorm", input);
  const c = x.shape[1]!;
  const running = [runningMean, runningVar].map((r) => vectorOf("batchNorm", r, x)) as [Tensor | null, Tensor | null];
  if (!training) {
    const [m, v] = running;
    if (!m || !v) throw new ValueError("batchNorm", "running statistics, or training: true", "neither");
    const weight = vectorOf("batchNorm", options.weight, x);
    const s = rsqrt(add(castTo(v, x.dtype), eps));
    const centred = sub(x, along(castTo(m, x.dtype), x));
    return affine("batchNorm", mul(centred, along(weight ? mul(s, weight) : s, x)), { bias: options.bias ?? null });
  }
  const order = [1, 0, ...x.shape.slice(2).map((_, i) => i + 2)];
  const turned = permute(x, order);
  const count = c === 0 ? 0 : x.size / c;
  if (count === 1)
    throw new ShapeError("batchNorm", "more than one value for each channel in training", showShape(x.shape));
  const rows = reshape(turned, [c, count]);
  const y = permute(reshape(layerNormRows(rows, null, null, eps), turned.shape), order);
  if (count && (running[0] ?? running[1])) {
    ownedBy("batchNorm", () => {
      withTracking(false, () => {
        const fresh = [mean(rows, 1), variance(rows, 1)] as const;
        for (const [i, r] of running.entries()) {
          if (r) assign(r, add(r, mul(sub(castTo(fresh[i]!, r.dtype), r), momentum)));
        }
      });
    });
  }
  return affine("batchNorm", y, options);
}

/**
 * Normalises the channels of x [n, c, ..] in groups: over each group's channels and all further axes, with the weight and
 * the bias of each channel (Wu and He 2018). PyTorch: `group_norm`.
 */
export function groupNorm(input: TensorLike, numGroups: number, options: GroupNormOptions = {}): Tensor {
  return grouped("groupNorm", input, () => numGroups, options);
}

/** Normalises each channel of each example of x [n, c, ..] (Ulyanov et al. 2016): groupNorm with as many groups as channels. */
export function instanceNorm(input: TensorLike, options: GroupNormOptions = {}): Tensor {
  return grouped("instanceNorm", input, (channels) => Math.max(1, channels), options);
}

function grouped(
  name: string,
  input: TensorLike,
  groupsOf: (channels: number) => number,
  options: GroupNormOptions,
): Tensor {
  checkOptions(name, options, AFFINE);
  const x = channelled(name, input);
  const [n, c] = x.shape as readonly [number, number];
  const groups = groupsOf(c);
  if (!Number.isInteger(groups) || groups < 1 || c % groups !== 0)
    throw new ValueError(name, `a number of groups that divides the ${c} channels`, String(groups));
  const count = n * groups;
  const rows = reshape(x, [count, count === 0 ? 0 : x.size / count]);
  const y = reshape(layerNormRows(rows, null, null, options.eps ?? 1e-5), x.shape);
  return affine(name, y, options);
}

/** Floats with an axis of channels. */
function channelled(name: string, input: TensorLike): Tensor {
  const x = float(asTensor(name, input));
  if (x.rank < 2) throw new ShapeError(name, "an input [n, channels, ..]", showShape(x.shape));
  return x;
}

/** A vector with an element for each channel of x. */
function vectorOf(name: string, given: TensorLike | null | undefined, x: Tensor): Tensor | null {
  if (given === null || given === undefined) return null;
  const vector = asTensor(name, given, x);
  if (vector.rank !== 1 || vector.size !== x.shape[1])
    throw new ShapeError(name, `an element for each channel, [${x.shape[1]}]`, showShape(vector.shape));
  return vector;
}

/** A vector of channels as it broadcasts to x. */
function along(vector: Tensor, x: Tensor): Tensor {
  return reshape(vector, [vector.size, ...x.shape.slice(2).map(() => 1)]);
}

function affine(name: string, x: Tensor, { weight, bias }: GroupNormOptions): Tensor {
  const [w, b] = [weight, bias].map((z) => vectorOf(name, z, x)) as [Tensor | null, Tensor | null];
  const scaled = w ? mul(x, along(w, x)) : x;
  return b ? add(scaled, along(b, x)) : scaled;
}
