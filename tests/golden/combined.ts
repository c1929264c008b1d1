// Functions of PyTorch that are a line of others, and that the library leaves to its users: written from public operations.
import type { Tensor } from "wengert";
import type { Composition } from "./composed.js";
import { inOrder, type Inputs } from "./inputs.js";
import { MissingOperation, type Lab } from "./library.js";

type Line = (
  lab: Lab,
  inputs: readonly Tensor[],
  args: Readonly<Record<string, unknown>>,
) => Tensor | readonly Tensor[];

const stacked = ({ core }: Lab, parts: readonly Tensor[], axis: number, rank: number): Tensor =>
  core.cat(
    parts.map((x) => {
      let y = x;
      if (rank === 3 && x.rank < 3) y = core.reshape(x, x.rank < 2 ? [1, x.size, 1] : [...x.shape, 1]);
      if (rank === 2 && x.rank < 2) y = core.reshape(x, axis === 0 ? [1, x.size] : [x.size, 1]);
      return y.rank === 0 ? core.reshape(y, [1]) : y;
    }),
    axis,
  );

const reduced = ({ core }: Lab, losses: Tensor, reduction: unknown = "mean"): Tensor => {
  if (reduction === "none") return losses;
  return reduction === "sum" ? losses.sum() : core.mean(losses);
};

/** Powers of the elements from 0 on, along a new last axis. */
const powers = ({ core }: Lab, x: Tensor, count: number): Tensor[] => {
  const found = [core.onesLike(x)];
  while (found.length < count) found.push(found[found.length - 1]!.mul(x));
  return found.slice(0, count);
};

/** The spread and the mean along the same axes. */
const withMean =
  (name: "var" | "std"): Line =>
  ({ core }, [x], { dim, unbiased = true, correction, keepdim }) => {
    const axes = dim as number[] | undefined;
    const keepDims = keepdim === true;
    const degrees = (correction as number | undefined) ?? Number(unbiased);
    return [core[name](x!, axes, { correction: degrees, keepDims }), core.mean(x!, axes, { keepDims })];
  };

/** (Σ xᵖ)^(1/p) of windows. */
const powerPool =
  (name: "avgPool1d" | "avgPool2d", axes: number): Line =>
  ({ core }, [x], { norm_type, kernel_size, stride, ceil_mode }) => {
    if (ceil_mode === true) throw new MissingOperation("lp_pool with ceil_mode");
    const size = kernel_size as number | number[];
    const places = Array.isArray(size) ? size.reduce((product, length) => product * length, 1) : size ** axes;
    const p = norm_type as number;
    const options = stride === undefined ? {} : { stride: stride as number };
    const mean = core[name](core.pow(x!, p), size, options);
    return core.pow(core.relu(mean).mul(places), 1 / p);
  };

const LINES: Readonly<Record<string, Line>> = {
  softmin: ({ core }, [x], { dim }) => core.softmax(core.neg(x!), dim as number),
  hstack: (lab, parts) => stacked(lab, parts, parts[0]!.rank < 2 ? 0 : 1, 1),
  vstack: (lab, parts) => stacked(lab, parts, 0, 2),
  row_stack: (lab, parts) => stacked(lab, parts, 0, 2),
  column_stack: (lab, parts) => stacked(lab, parts, 1, 2),
  dstack: (lab, parts) => stacked(lab, parts, 2, 3),
  t: ({ core }, [x]) => (x!.rank < 2 ? x! : core.transpose(x!, 0, 1)),
  clone: ({ core }, [x]) => core.copy(x!),
  contiguous: ({ core }, [x]) => core.copy(x!),
  ravel: ({ core }, [x]) => core.reshape(x!, [-1]),
  msort: ({ core }, [x]) => core.sort(x!, 0).values,
  clamp_min: ({ core }, [x, least], { min }) => core.clamp(x!, least ?? (min as number)),
  clamp_max: ({ core }, [x, most], { max }) => core.clamp(x!, null, most ?? (max as number)),
  deg2rad: (_, [x]) => x!.mul(Math.PI / 180),
  rad2deg: (_, [x]) => x!.mul(180 / Math.PI),
  dist: ({ core }, [x, y], { p = 2 }) => core.norm(x!.sub(y!), p as number),
  aminmax: ({ core }, [x], { dim, keepdim }) => {
    const options = { keepDims: keepdim === true };
    return [core.min(x!, dim as number | undefined, options), core.max(x!, dim as number | undefined, options)];
  },
  var_mean: withMean("var"),
  std_mean: withMean("std"),
  bincount: ({ core }, [indices, weights], { minlength = 0 }) => {
    const largest = indices!.size > 0 ? core.item(core.max(indices!)) : -1;
    const ones = core.onesLike(indices!);
    return core.segmentSum(weights ?? ones, indices!, Math.max(largest + 1, minlength as number));
  },
  addbmm: (_, [x, a, b], { beta = 1, alpha = 1 }) => scaled(a!.matmul(b!).sum(0), alpha).add(scaled(x!, beta)),
  addr: ({ core }, [x, a, b], { beta = 1, alpha = 1 }) => scaled(core.outer(a!, b!), alpha).add(scaled(x!, beta)),
  "linalg.vander": (lab, [x], { N }) =>
    lab.core.stack(powers(lab, x!, (N as number | undefined) ?? x!.shape[x!.rank - 1]!), -1),
  vander: (lab, [x], { N, increasing }) => {
    const found = powers(lab, x!, (N as number | undefined) ?? x!.size);
    return lab.core.stack(increasing === true ? found : found.reverse(), -1);
  },
  lp_pool1d: powerPool("avgPool1d", 1),
  lp_pool2d: powerPool("avgPool2d", 2),
  soft_margin_loss: (lab, [x, target], { reduction }) =>
    reduced(lab, lab.core.softplus(lab.core.neg(target!.mul(x!))), reduction),
  multilabel_soft_margin_loss: (lab, [x, target, weight], { reduction }) => {
    const losses = lab.core.binaryCrossEntropyWithLogits(x!, target!, { reduction: "none", ...(weight && { weight }) });
    return reduced(lab, lab.core.mean(losses, -1), reduction);
  },
};

function scaled(x: Tensor, factor: unknown): Tensor {
  return x.mul(factor as number);
}

/** The same as compositions of named inputs. */
export const combined: Readonly<Record<string, Composition>> = Object.fromEntries(
  Object.entries(LINES).map(([name, line]): [string, Composition] => [
    name,
    (lab, inputs: Inputs, args) => {
      const found = line(lab, inOrder(inputs), args);
      return found instanceof lab.core.Tensor ? [found] : found;
    },
  ]),
);
