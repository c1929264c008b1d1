// Operations of the file that are no operations of the library: written from public ones.
import type { Tensor } from "wengert";
import type { Keywords } from "./file.js";
import type { Lab } from "./library.js";

type Tensors = Readonly<Record<string, Tensor>>;

/** The value of an operation in public operations; one that the library lacks is a MissingOperation. */
export type Composition = (lab: Lab, inputs: never, args: Keywords) => readonly Tensor[];

export const composed: Readonly<Record<string, Composition>> = {
  /** Values and positions of the largest along an axis. */
  max_dim: ({ core }, { input }: { input: Tensor }, args) => [
    core.max(input, axisOf(args), keptBy(args)),
    core.argMax(input, axisOf(args), keptBy(args)),
  ],

  min_dim: ({ core }, { input }: { input: Tensor }, args) => [
    core.min(input, axisOf(args), keptBy(args)),
    core.argMin(input, axisOf(args), keptBy(args)),
  ],

  /** One value used along several paths: a = sin x, b = a x, c = a + b, y = Σ b c + Σ a². */
  diamond: ({ core }, { x }: { x: Tensor }) => {
    const a = core.sin(x);
    const b = a.mul(x);
    const c = a.add(b);
    return [b.mul(c).sum().add(a.mul(a).sum())];
  },

  detach_mix: ({ core }, { x }: { x: Tensor }) => [x.mul(core.detach(x.square())).add(core.sin(x))],

  mlp_loss: ({ core }, inputs: Tensors) => {
    const { x, w1, b1, w2, b2, target } = inputs as Record<"x" | "w1" | "b1" | "w2" | "b2" | "target", Tensor>;
    const hidden = core.relu(x.matmul(w1).add(b1));
    return [core.crossEntropy(hidden.matmul(w2).add(b2), target)];
  },

  /** The logarithm of what `where` does not choose is -∞ or NaN. */
  naive_where_log: ({ core }, { input }: { input: Tensor }) => [core.where(input.gt(0), core.log(input), 0)],

  double_where_safe_log: ({ core }, { input }: { input: Tensor }) => {
    const safe = core.where(input.gt(0), input, 1);
    return [core.where(input.gt(0), core.log(safe), 0)];
  },

  /** The value, and what becomes of the running statistics. */
  batch_norm_train: (lab, inputs: Tensors, { momentum, eps }) => {
    const { input, weight, bias, running_mean, running_var } = inputs as Record<string, Tensor>;
    const running = [running_mean!, running_var!].map((x) => lab.core.variable(x));
    const options = { weight, bias, momentum, eps, training: true };
    return [lab.find("batchNorm")(input, ...running, options) as Tensor, ...running];
  },

  /** Mean of max(0, 1 - target input). */
  hinge_loss: ({ core }, { input, target }: { input: Tensor; target: Tensor }) => [
    core.mean(core.relu(target.mul(input).neg().add(1))),
  ],

  /** Logarithm of the normal density: -(value - loc)² / (2 scale²) - log scale - log √2π. */
  log_prob_normal: ({ core }, { value, loc, scale }: { value: Tensor; loc: Tensor; scale: Tensor }) => {
    const z = value.sub(loc).div(scale);
    return [
      z
        .square()
        .mul(-0.5)
        .sub(core.log(scale))
        .sub(0.5 * Math.log(2 * Math.PI)),
    ];
  },

  segment_sum: (lab, { data, segment_ids }: { data: Tensor; segment_ids: Tensor }, args) => {
    const zeros = lab.core.zeros([args["num_segments"] as number, ...data.shape.slice(1)], { dtype: lab.dtype });
    return [lab.find("indexAdd")(zeros, 0, segment_ids, data) as Tensor];
  },
};

/** Attention of heads: qkv [.., positions, 3 width] to [.., positions, width]. */
export function attention(lab: Lab, qkv: Tensor, heads: number, isCausal: boolean): Tensor {
  const { core } = lab;
  const attend = lab.find("scaled_dot_product_attention");
  const lead = qkv.shape.slice(0, -1);
  const width = qkv.shape[qkv.rank - 1]! / 3;
  const split = core.reshape(qkv, [...lead, 3, heads, width / heads]);
  const [q, k, v] = [0, 1, 2].map((part) => core.transpose(core.slice(split, "...", part, [], []), -3, -2));
  const mixed = attend(q, k, v, { isCausal }) as Tensor;
  return core.reshape(core.transpose(mixed, -3, -2), [...lead, width]);
}

function axisOf(args: Keywords): number {
  return args["dim"] as number;
}

function keptBy(args: Keywords): { keepDims: boolean } {
  return { keepDims: args["keepdim"] === true };
}
