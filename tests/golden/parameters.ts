// How PyTorch's parameters become the library's: which stand by position, which are called otherwise, and what values mean.
// An operation that follows the rule of `orderOf` needs no line here.
import type { Keywords } from "./file.js";

/** Keyword arguments that stand by position, in this order, after the inputs. */
const BY_POSITION = [
  ...["other", "exponent", "shape", "size", "repeats", "dims", "dim0", "dim1", "start_dim", "end_dim", "chunks"],
  ...["split_size_or_sections", "k", "pad", "shifts", "diagonal", "num_segments", "num_classes", "kernel_size"],
  ...["output_size", "ord", "dim", "n"],
];

/** Parameters that the library calls otherwise. */
const OPTIONS: Readonly<Record<string, string>> = {
  keepdim: "keepDims",
  unbiased: "correction",
  lambd: "lambda",
  rcond: "rtol",
  equal_nan: "equalNaN",
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
  nansum: REDUCTION,
  nanmean: REDUCTION,
  nanmedian: REDUCTION,
  count_nonzero: REDUCTION,
  max_dim: REDUCTION,
  min_dim: REDUCTION,
  sort: REDUCTION,
  argsort: REDUCTION,
  unbind: REDUCTION,
  "linalg.vector_norm": ["input", "ord", "dim"],
  "linalg.norm": ["input", "ord", "dim"],
  "linalg.matrix_norm": ["input", "ord", "dim"],
  "linalg.cond": ["input", "p"],
  "linalg.diagonal": ["input", "offset", "dim1", "dim2"],
  norm: ["input", "p", "dim"],
  pow: ["input", "exponent"],
  where: ["condition", "input", "other"],
  clamp: ["input", "min", "max"],
  clip: ["input", "min", "max"],
  lerp: ["input", "end", "weight"],
  logit: ["input", "eps"],
  polygamma: ["n", "input"],
  threshold: ["input", "threshold", "value"],
  dropout: ["input", "p"],
  quantile: ["input", "q", "dim"],
  nanquantile: ["input", "q", "dim"],
  kthvalue: ["input", "k", "dim"],
  searchsorted: ["sorted_sequence", "input"],
  bucketize: ["input", "boundaries"],
  flatten: ["input", "start_dim", "end_dim"],
  unflatten: ["input", "dim", "sizes"],
  moveaxis: ["input", "source", "destination"],
  movedim: ["input", "source", "destination"],
  swapaxes: ["input", "axis0", "axis1"],
  roll: ["input", "shifts", "dims"],
  rot90: ["input", "k", "dims"],
  repeat_interleave: ["input", "repeats", "dim"],
  select: ["input", "dim", "index"],
  narrow: ["input", "dim", "start", "length"],
  diagonal: ["input", "offset", "dim1", "dim2"],
  diag_embed: ["input", "offset", "dim1", "dim2"],
  gather: ["input", "dim", "index"],
  scatter_add: ["input", "dim", "index", "src"],
  index_add: ["input", "dim", "index", "source"],
  index_fill: ["input", "dim", "index", "value"],
  index_select: ["input", "dim", "index"],
  take_along_dim: ["input", "indices", "dim"],
  masked_fill: ["input", "mask", "value"],
  masked_select: ["input", "mask"],
  slice_assign: ["input", "index", "src"],
  segment_sum: ["data", "segment_ids", "num_segments"],
  tensordot: ["input", "other", "dims"],
  cosine_similarity: ["x1", "x2", "dim"],
  fold: ["input", "output_size", "kernel_size"],
  pixel_shuffle: ["input", "upscale_factor"],
  pixel_unshuffle: ["input", "downscale_factor"],
  interpolate: ["input"],
  max_unpool1d: ["input", "indices", "kernel_size"],
  max_unpool2d: ["input", "indices", "kernel_size"],
  cross_entropy: ["input", "target"],
  nll_loss: ["input", "target"],
  binary_cross_entropy: ["input", "target"],
  binary_cross_entropy_with_logits: ["input", "target"],
  gaussian_nll_loss: ["input", "target", "var"],
  layer_norm: ["input", "normalized_shape"],
  group_norm: ["input", "num_groups"],
  instance_norm: ["input"],
  rms_norm: ["input", "normalized_shape"],
  batch_norm: ["input", "running_mean", "running_var"],
  batch_norm_eval: ["input", "running_mean", "running_var"],
  scaled_dot_product_attention: ["query", "key", "value"],
};

/** Places of ORDERS that are always inputs: one without an input of its name takes the next that has no place. */
const INPUTS = [
  ...[
    "input",
    "other",
    "condition",
    "target",
    "var",
    "x1",
    "x2",
    "end",
    "query",
    "key",
    "sorted_sequence",
    "boundaries",
  ],
  ...["mask", "index", "indices", "src", "source", "data", "segment_ids"],
];

/** Other names that PyTorch has for the same parameter. */
const SYNONYMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  unflatten: { unflattened_size: "sizes" },
  repeat: { sizes: "repeats" },
  tile: { reps: "dims" },
  split: { split_size: "split_size_or_sections" },
  slice_assign: { value: "src" },
  pow: { self: "input" },
  "linalg.matrix_rank": { tol: "atol" },
};

/** Keywords that say how a result is computed or kept, not what it is; by operation, and of all. */
const WITHOUT_MEANING: Readonly<Record<string, readonly string[]>> = {
  sort: ["stable"],
  argsort: ["stable"],
  topk: ["sorted"],
  searchsorted: ["out_int32"],
  bucketize: ["out_int32"],
  cdist: ["compute_mode"],
  repeat_interleave: ["output_size"],
  "linalg.lstsq": ["driver"],
  // They symmetrise it first.
  "linalg.eigh": ["UPLO"],
  "linalg.eigvalsh": ["UPLO"],
  // Of a symmetric matrix.
  "linalg.pinv": ["hermitian"],
  "linalg.matrix_rank": ["hermitian"],
};
const NEVER_WITH_MEANING = ["inplace", "requires_grad"];
/** Keywords that mean nothing where they are false, and that the library lacks. */
const WITHOUT_MEANING_IF_FALSE = ["antialias", "recompute_scale_factor"];

/** What PyTorch takes where a keyword is not given, and the library does not. */
const DEFAULTS: Readonly<Record<string, Keywords>> = {
  cross_entropy: { ignore_index: -100 },
  nll_loss: { ignore_index: -100 },
};

/** Names of PyTorch's types; floats are of the type that is looked at. */
const TYPES: Readonly<Record<string, string | null>> = {
  float64: null,
  float32: null,
  double: null,
  float: null,
  int64: "i32",
  long: "i32",
  int32: "i32",
  int: "i32",
  bool: "bool",
};

const NUMBERS: Readonly<Record<string, number>> = {
  Infinity,
  "-Infinity": -Infinity,
  inf: Infinity,
  "-inf": -Infinity,
  NaN,
};

/** The keyword arguments of a case under PyTorch's main names, as values of JavaScript; those that are null are not given. */
export function argumentsOf(op: string, keywords: Keywords, dtype: string): Keywords {
  const idle = [...(WITHOUT_MEANING[op] ?? []), ...NEVER_WITH_MEANING];
  const given = Object.entries({ ...DEFAULTS[op], ...keywords })
    .filter(([name, value]) => value !== null && !idle.includes(name))
    .filter(([name, value]) => value !== false || !WITHOUT_MEANING_IF_FALSE.includes(name))
    .map(([name, value]) => [SYNONYMS[op]?.[name] ?? name, valueOf(name, value, dtype)] as const)
    // All axes.
    .filter(([name, value]) => !(name === "dim" && Array.isArray(value) && value.length === 0));
  return Object.fromEntries(given);
}

function valueOf(name: string, value: unknown, dtype: string): unknown {
  if (typeof value !== "string") return value;
  if (name === "dtype") {
    const type = TYPES[value.replace(/^torch\./, "")];
    return type === undefined ? value : (type ?? dtype);
  }
  return NUMBERS[value] ?? value;
}

/** The names of what is given by position, in the order of the library's parameters; a place may stay empty. */
export function orderOf(op: string, inputs: readonly string[], args: Keywords): readonly string[] {
  const listed = ORDERS[op];
  if (!listed) {
    const first = "input" in args ? ["input"] : [];
    return [...first, ...inputs, ...BY_POSITION.filter((name) => name in args)];
  }
  const spare = inputs.filter((name) => !listed.includes(name));
  return listed.map((name) =>
    inputs.includes(name) || name in args || !INPUTS.includes(name) ? name : (spare.shift() ?? name),
  );
}

/** The library's name of a parameter that does not stand by position, if it has one of its own. */
export function optionNamed(name: string): string | undefined {
  return OPTIONS[name];
}
