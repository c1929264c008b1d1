// Calls an operation of the file by its PyTorch name, wherever the library has it. An operation that follows the rule needs
// no line here: its inputs in the file's order, then the keyword arguments that PyTorch users write by position, then an
// object with the others in camelCase.
import type { Tensor } from "wengert";
import { composed } from "./composed.js";
import type { Keywords } from "./file.js";
import { camelCase, MissingOperation, type Callable, type Lab } from "./library.js";

/** The inputs of an operation by name; `tensors.0`, `tensors.1`, .. are one list, `tensors`. */
export type Inputs = Readonly<Record<string, Tensor | readonly Tensor[]>>;

/** Keyword arguments that stand by position, in this order, after the inputs. */
const BY_POSITION = [
  ...["exponent", "shape", "size", "repeats", "dims", "dim0", "dim1", "start_dim", "end_dim", "chunks"],
  ...["split_size_or_sections", "k", "pad", "shifts", "diagonal", "num_segments", "num_classes", "kernel_size"],
  ...["output_size", "ord", "dim", "n"],
];

/** Parameters that the library calls otherwise. */
const OPTIONS: Readonly<Record<string, string>> = {
  keepdim: "keepDims",
  unbiased: "correction",
  lambd: "lambda",
  rcond: "rtol",
};

const REDUCTION = ["input", "dim"];

/** Parameters by position where the rule does not give them: inputs between arguments, and places that may stay empty. */
const ORDERS: Readonly<Record<string, readonly string[]>> = {
  sum: REDUCTION,
  mean: REDUCTION,
  prod: REDUCTION,
  amax: REDUCTION,
  amin: REDUCTION,
  max: REDUCTION,
  min: REDUCTION,
  argmax: REDUCTION,
  argmin: REDUCTION,
  var: REDUCTION,
  std: REDUCTION,
  logsumexp: REDUCTION,
  median: REDUCTION,
  all: REDUCTION,
  any: REDUCTION,
  sort: REDUCTION,
  argsort: REDUCTION,
  "linalg.vector_norm": ["input", "ord", "dim"],
  "linalg.cond": ["input", "p"],
  "linalg.diagonal": ["input", "offset", "dim1", "dim2"],
  clamp: ["input", "min", "max"],
  clip: ["input", "min", "max"],
  lerp: ["input", "end", "weight"],
  full_like: ["input", "fill_value"],
  dropout: ["input", "p"],
  fold: ["input", "output_size", "kernel_size"],
  pixel_shuffle: ["input", "upscale_factor"],
  pixel_unshuffle: ["input", "downscale_factor"],
  interpolate: ["input"],
  cross_entropy: ["input", "target"],
  nll_loss: ["input", "target"],
  binary_cross_entropy: ["input", "target"],
  binary_cross_entropy_with_logits: ["input", "target"],
  threshold: ["input", "threshold", "value"],
  logit: ["input", "eps"],
  norm: ["input", "p", "dim"],
  "linalg.norm": ["input", "ord", "dim"],
  "linalg.matrix_norm": ["input", "ord", "dim"],
  segment_sum: ["data", "segment_ids", "num_segments"],
  cosine_similarity: ["x1", "x2", "dim"],
  gaussian_nll_loss: ["input", "target", "var"],
  tensordot: ["a", "b", "dims"],
  diff: ["input", "n", "dim"],
  diagonal: ["input", "offset", "dim1", "dim2"],
  diag_embed: ["input", "offset", "dim1", "dim2"],
  repeat_interleave: ["input", "repeats", "dim"],
  rot90: ["input", "k", "dims"],
  unflatten: ["input", "dim", "sizes"],
  moveaxis: ["input", "source", "destination"],
  movedim: ["input", "source", "destination"],
  swapaxes: ["input", "axis0", "axis1"],
  masked_select: ["input", "mask"],
  quantile: ["input", "q", "dim"],
  nanquantile: ["input", "q", "dim"],
  kthvalue: ["input", "k", "dim"],
  nansum: REDUCTION,
  nanmean: REDUCTION,
  nanmedian: REDUCTION,
  count_nonzero: REDUCTION,
  max_dim: REDUCTION,
  min_dim: REDUCTION,
  select: ["input", "dim", "index"],
  narrow: ["input", "dim", "start", "length"],
  unbind: ["input", "dim"],
  flatten: ["input", "start_dim", "end_dim"],
  roll: ["input", "shifts", "dims"],
  gather: ["input", "dim", "index"],
  scatter_add: ["input", "dim", "index", "src"],
  index_add: ["input", "dim", "index", "source"],
  index_select: ["input", "dim", "index"],
  index: ["input", "dim", "idx"],
  take_along_dim: ["input", "indices", "dim"],
  masked_fill: ["input", "mask", "value"],
  slice_assign: ["input", "index", "src"],
  layer_norm: ["input", "normalized_shape"],
  group_norm: ["input", "num_groups"],
  instance_norm: ["input"],
  scaled_dot_product_attention: ["query", "key", "value"],
  batch_norm: ["input", "running_mean", "running_var"],
  batch_norm_eval: ["input", "running_mean", "running_var"],
  rms_norm: ["input", "normalized_shape"],
};

/** Other public names for the same operation, tried in order after PyTorch's. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  amax: ["max"],
  amin: ["min"],
  index: ["indexSelect"],
  batch_norm_eval: ["batchNorm"],
  take_along_dim: ["takeAlongAxis"],
  pinverse: ["pinv"],
};

/** Calls whose arguments are spread over parameters. */
const SPREAD: Readonly<Record<string, (call: Callable, inputs: Inputs, args: Keywords) => unknown>> = {
  slice: (call, { input }, { index }) => call(input, ...(index as readonly unknown[])),
  einsum: (call, { operands }, { equation }) => call(equation, ...(operands as readonly Tensor[])),
  scatter: (call, { input, index, src }, { dim, value }) => call(input, dim, index, src ?? value),
  // PyTorch has the indices first; whichever are whole numbers are those.
  embedding(call, inputs) {
    const [a, b] = Object.values(inputs) as [Tensor, Tensor];
    return a.dtype === "i32" ? call(b, a) : call(a, b);
  },
  one_hot: (call, inputs, { num_classes }) => call(Object.values(inputs)[0], num_classes, { dtype: "i32" }),
  // Of x to itself; causal unless told otherwise.
  multi_head_attention: (call, { x, w_qkv, w_o }, { num_heads, is_causal }) =>
    call(x, x, x, { numHeads: num_heads, inProjWeight: w_qkv, outProjWeight: w_o, isCausal: is_causal !== false }),
};

/** What PyTorch takes where a keyword is not given, and the library does not. */
const DEFAULTS: Readonly<Record<string, Keywords>> = {
  cross_entropy: { ignore_index: -100 },
  nll_loss: { ignore_index: -100 },
};

/** Calls an operation of the file; its outputs as a list. Arguments that are null are not given. Throws MissingOperation where the library has no such. */
export function invoke(lab: Lab, op: string, inputs: Inputs, keywords: Keywords): readonly Tensor[] {
  const asked = { ...DEFAULTS[op], ...keywords };
  const args = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== null));
  const call = [op, ...(ALIASES[op] ?? [])].map((name) => lab.lookup(name)).find((found) => found !== null);
  const composition = composed[op];
  // Each composition names the inputs that its operation has in every file.
  if (!call && composition) return composition(lab, inputs as never, args);
  if (!call) throw new MissingOperation(op);
  const spread = SPREAD[op];
  return outputsOf(lab, spread ? spread(call, inputs, args) : call(...parametersOf(op, inputs, args)));
}

function parametersOf(op: string, inputs: Inputs, args: Keywords): readonly unknown[] {
  const names = Object.keys(inputs);
  const listed = ORDERS[op] ?? [...names, ...BY_POSITION.filter((name) => name in args)];
  // A matrix is called A in some files.
  const order = listed.map((name) => (name === "input" && !(name in inputs) ? names[0]! : name));
  const given: Readonly<Record<string, unknown>> = { ...withInfinities(args), ...inputs };
  const positional = order.map((name) => given[name]);
  const rest = Object.keys(given).filter((name) => !order.includes(name));
  if (rest.length === 0) {
    while (positional.length > 0 && positional[positional.length - 1] === undefined) positional.pop();
    return positional;
  }
  const options = rest.map((name) => [
    OPTIONS[name] ?? camelCase(name),
    name === "unbiased" ? Number(given[name]) : given[name],
  ]);
  return [...positional, Object.fromEntries(options)];
}

/** Arguments with the infinities that JSON has no number for. */
function withInfinities(args: Keywords): Keywords {
  const infinities: Readonly<Record<string, number>> = {
    Infinity,
    "-Infinity": -Infinity,
    inf: Infinity,
    "-inf": -Infinity,
  };
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      typeof value === "string" ? (infinities[value] ?? value) : value,
    ]),
  );
}

/** One tensor, a list of them, or an object of them (such as `{ values, indices }`), as a list. */
function outputsOf(lab: Lab, result: unknown): readonly Tensor[] {
  if (result instanceof lab.core.Tensor) return [result];
  if (Array.isArray(result)) return result as readonly Tensor[];
  if (typeof result === "object" && result !== null) return Object.values(result) as readonly Tensor[];
  throw new Error(`expected tensors, got ${typeof result}`);
}

/** Lists of tensors, named `tensors.0`, `tensors.1`, .. in the file, under one name. */
export function grouped(names: readonly string[], tensors: readonly Tensor[]): Inputs {
  const inputs: Record<string, Tensor | Tensor[]> = {};
  for (const [i, name] of names.entries()) {
    const [, list] = /^(.*)\.\d+$/.exec(name) ?? [];
    if (list === undefined) inputs[name] = tensors[i]!;
    else ((inputs[list] ??= []) as Tensor[]).push(tensors[i]!);
  }
  return inputs;
}
