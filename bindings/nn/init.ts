import { withTracking } from "../core/running/apply.js";
import { assign } from "../core/values/assign.js";
import { asTensor } from "../core/values/create.js";
import { type DTypeName, usualDType } from "../core/dtype.js";
import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { showShape, sizeOf, type Shape } from "../core/shape.js";
import { Variable } from "../core/variable.js";
import { inNameOf, ShapeError, ValueError } from "../errors.js";
import { eye as identity } from "../functions/creation.js";
import { truncatedNormal } from "../functions/random/draws.js";
import { qr } from "../functions/linalg/decompositions.js";
import { transpose } from "../functions/shapes/movement.js";
import { defaultGenerator, type Generator } from "../functions/random/random.js";
import { ge, mul, where } from "../primitives/elementwise/arithmetic.js";
import { castTo } from "../primitives/define.js";
import { fill } from "../primitives/generate.js";
import { reshape, stridedSlice } from "../primitives/movement.js";
import { argsort } from "../primitives/order.js";
import { checkOptions, optionsOf, type Defaults, type Settled } from "../shared/options.js";

// PyTorch's initial values by name. Each takes a shape and gives a new tensor, or takes a variable and assigns to it.

/** A shape to make a tensor of, or a variable to assign to. */
export type InitTarget = Shape | Variable;

/** What every function of `init` can be told. */
export interface InitOptions {
  /** Type of a new tensor. Default: the default one. */
  dtype?: DTypeName;
  /** Where random numbers come from. Default: the default generator. */
  generator?: Generator;
}

/** The slope of leaky_relu counts; the others know no parameter. */
const GAINS = {
  linear: () => 1,
  conv1d: () => 1,
  conv2d: () => 1,
  conv3d: () => 1,
  conv_transpose1d: () => 1,
  conv_transpose2d: () => 1,
  conv_transpose3d: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leaky_relu: (slope: number) => Math.sqrt(2 / (1 + slope * slope)),
  selu: () => 3 / 4,
};

/** What makes values larger or smaller on their way through, by PyTorch's names. */
export type Nonlinearity = keyof typeof GAINS;

/**
 * The factor by which weights in front of a nonlinearity should be larger, so that what passes keeps its variance; `param` is
 * the slope of leaky_relu, by default 0.01.
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  if (!Object.hasOwn(GAINS, nonlinearity))
    throw new ValueError("calculateGain", `one of ${Object.keys(GAINS).join(", ")}`, nonlinearity);
  return GAINS[nonlinearity](param);
}

/** Uniform numbers from `a` to `b`, by default from 0 to 1. */
export function uniform(target: InitTarget, options: InitOptions & { a?: number; b?: number } = {}): Tensor {
  return filled("uniform", target, options, { a: 0, b: 1 }, ({ shape, dtype, generator, a: low, b: high }) =>
    generator.uniform(shape, { low, high, dtype }),
  );
}

/** Normal numbers of a mean (default 0) and a standard deviation (default 1). */
export function normal(target: InitTarget, options: InitOptions & { mean?: number; std?: number } = {}): Tensor {
  return filled("normal", target, options, { mean: 0, std: 1 }, ({ shape, dtype, generator, mean, std }) =>
    generator.normal(shape, { mean, std, dtype }),
  );
}

/** Normal numbers without those outside of [a, b], by default [-2, 2]; mean and standard deviation are the whole distribution's. */
export function truncNormal(
  target: InitTarget,
  options: InitOptions & { mean?: number; std?: number; a?: number; b?: number } = {},
): Tensor {
  const defaults = { mean: 0, std: 1, a: -2, b: 2 };
  return filled("truncNormal", target, options, defaults, ({ shape, dtype, generator, mean, std, a: low, b: high }) =>
    truncatedNormal(shape, { mean, std, low, high, dtype, generator }),
  );
}

/** `val` everywhere. */
export function constant(target: InitTarget, options: InitOptions & { val: number }): Tensor {
  checkOptions<object>("constant", options, { dtype: null, generator: null, val: 0 });
  return filled("constant", target, options, { val: undefined }, ({ shape, dtype, val }) => fill(shape, val!, dtype));
}

/** 0 everywhere. */
export function zeros(target: InitTarget, options: InitOptions = {}): Tensor {
  return filled("zeros", target, options, {}, ({ shape, dtype }) => fill(shape, 0, dtype));
}

/** 1 everywhere. */
export function ones(target: InitTarget, options: InitOptions = {}): Tensor {
  return filled("ones", target, options, {}, ({ shape, dtype }) => fill(shape, 1, dtype));
}

/** The identity matrix, or the part of one that has the shape [rows, columns]: inputs pass as they are. */
export function eye(target: InitTarget, options: InitOptions = {}): Tensor {
  return filled("eye", target, options, {}, ({ shape, dtype }) => {
    if (shape.length !== 2) throw new ShapeError("eye", "a matrix, [rows, columns]", showShape(shape));
    return stridedSlice(identity(Math.max(...shape), { dtype }), { starts: [0, 0], sizes: shape, steps: [1, 1] });
  });
}

/**
 * The kernel of a convolution that lets channels pass as they are, as far as there are outputs for them: 1 in the middle, 0
 * elsewhere, in each of `groups` (default 1) groups.
 */
export function dirac(target: InitTarget, options: InitOptions & { groups?: number } = {}): Tensor {
  return filled("dirac", target, options, { groups: 1 }, ({ shape, dtype, groups }) => {
    const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
    if (shape.length < 3 || shape.length > 5)
      throw new ShapeError("dirac", "[outputs, inputs, ..] with 1 to 3 further axes", showShape(shape));
    if (!Number.isInteger(groups) || groups < 1 || outputs % groups !== 0)
      throw new ValueError("dirac", `a number of groups that divides the ${outputs} outputs`, String(groups));
    const size = sizeOf(kernel);
    const middle = kernel.reduce((at, length) => at * length + Math.floor(length / 2), 0);
    const values = new Float64Array(outputs * inputs * size);
    for (let i = 0; i < outputs; i++) {
      const channel = i % (outputs / groups);
      if (channel < inputs) values[(i * inputs + channel) * size + middle] = 1;
    }
    return castTo(reshape(asTensor("dirac", values), shape), dtype);
  });
}

/** Uniform numbers within ±gain √(6 / (fan in + fan out)), by Glorot and Bengio (2010): [outputs, inputs, ..]. */
export function xavierUniform(target: InitTarget, options: InitOptions & { gain?: number } = {}): Tensor {
  return filled("xavierUniform", target, options, { gain: 1 }, ({ shape, dtype, generator, gain }) => {
    const [fanIn, fanOut] = fansOf("xavierUniform", shape);
    const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
    return generator.uniform(shape, { low: -bound, high: bound, dtype });
  });
}

/** Normal numbers with the standard deviation gain √(2 / (fan in + fan out)), by Glorot and Bengio (2010): [outputs, inputs, ..]. */
export function xavierNormal(target: InitTarget, options: InitOptions & { gain?: number } = {}): Tensor {
  return filled("xavierNormal", target, options, { gain: 1 }, ({ shape, dtype, generator, gain }) => {
    const [fanIn, fanOut] = fansOf("xavierNormal", shape);
    return generator.normal(shape, { std: gain * Math.sqrt(2 / (fanIn + fanOut)), dtype });
  });
}

/** Options of `kaimingUniform` and `kaimingNormal`. */
export interface KaimingOptions extends InitOptions {
  /** The slope of leaky_relu on the left. Default 0. */
  a?: number;
  /** Whether values keep their variance forwards ("fan_in", the default) or gradients theirs backwards ("fan_out"). */
  mode?: "fan_in" | "fan_out";
  /** What stands behind the layer. Default "leaky_relu". */
  nonlinearity?: Nonlinearity;
}

/** Uniform numbers within ±gain √(3 / fan), by He et al. (2015): [outputs, inputs, ..]. */
export function kaimingUniform(target: InitTarget, options: KaimingOptions = {}): Tensor {
  return filled("kaimingUniform", target, options, KAIMING, ({ shape, dtype, generator, ...how }) => {
    const bound = Math.sqrt(3) * spread("kaimingUniform", shape, how);
    return generator.uniform(shape, { low: -bound, high: bound, dtype });
  });
}

/** Normal numbers with the standard deviation gain / √fan, by He et al. (2015): [outputs, inputs, ..]. */
export function kaimingNormal(target: InitTarget, options: KaimingOptions = {}): Tensor {
  return filled("kaimingNormal", target, options, KAIMING, ({ shape, dtype, generator, ...how }) =>
    generator.normal(shape, { std: spread("kaimingNormal", shape, how), dtype }),
  );
}

const KAIMING = { a: 0, mode: "fan_in", nonlinearity: "leaky_relu" } as const;

function spread(
  name: string,
  shape: Shape,
  { a, mode, nonlinearity }: Required<Omit<KaimingOptions, keyof InitOptions>>,
): number {
  if (mode !== "fan_in" && mode !== "fan_out") throw new ValueError(name, 'a mode "fan_in" or "fan_out"', String(mode));
  const fan = fansOf(name, shape)[mode === "fan_in" ? 0 : 1];
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

/**
 * A matrix whose rows, or columns if there are fewer, are orthogonal to each other and `gain` (default 1) long, uniformly
 * drawn among these (Saxe et al. 2014): [rows, ..], the further axes taken together.
 */
export function orthogonal(target: InitTarget, options: InitOptions & { gain?: number } = {}): Tensor {
  return filled("orthogonal", target, options, { gain: 1 }, ({ shape, dtype, generator, gain }) => {
    if (shape.length < 2) throw new ShapeError("orthogonal", "at least two axes", showShape(shape));
    const rows = shape[0]!;
    const columns = sizeOf(shape.slice(1));
    const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
    const { q } = qr(generator.normal([many, few], { dtype: "f64" }));
    return castTo(reshape(mul(rows === many ? q : transpose(q), gain), shape), dtype);
  });
}

/**
 * A matrix [rows, columns] of which each column has ⌈sparsity · rows⌉ zeros at random places, and elsewhere normal numbers of
 * a standard deviation (default 0.01), by Martens (2010).
 */
export function sparse(target: InitTarget, options: InitOptions & { sparsity: number; std?: number }): Tensor {
  const defaults = { sparsity: NaN, std: 0.01 };
  return filled("sparse", target, options, defaults, ({ shape, dtype, generator, sparsity, std }) => {
    if (shape.length !== 2) throw new ShapeError("sparse", "a matrix, [rows, columns]", showShape(shape));
    if (!(sparsity >= 0 && sparsity <= 1)) throw new ValueError("sparse", "a sparsity from 0 to 1", String(sparsity));
    // In each column a random order of the rows: the first of them are zeros.
    const order = argsort(argsort(generator.uniform(shape, { dtype: "f64" }), 0), 0);
    const kept = ge(order, Math.ceil(sparsity * shape[0]!));
    return where(kept, generator.normal(shape, { std, dtype }), 0);
  });
}

/** What feeds an output and what an input feeds, of a weight [outputs, inputs, ..]: at least 1, where there are no numbers to draw. */
function fansOf(name: string, shape: Shape): [fanIn: number, fanOut: number] {
  if (shape.length < 2) throw new ShapeError(name, "[outputs, inputs, ..], at least two axes", showShape(shape));
  const field = sizeOf(shape.slice(2));
  return [Math.max(1, shape[1]! * field), Math.max(1, shape[0]! * field)];
}

/** The lengths, or the one length, of what is no variable to assign to. */
function shapeOf(name: string, target: unknown): Shape {
  const shape: unknown = typeof target === "number" ? [target] : target;
  if (Array.isArray(shape) && shape.every((length) => Number.isInteger(length) && length >= 0))
    return shape as number[];
  throw new ShapeError(name, "a variable, or a shape of whole lengths from 0 on", showTarget(target));
}

function showTarget(target: unknown): string {
  return Array.isArray(target) ? `[${target.map(String).join(", ")}]` : String(target);
}

interface Filling {
  readonly shape: Shape;
  readonly dtype: DTypeName;
  readonly generator: Generator;
}

/** A tensor as `make` makes it, or a variable with its values. Nothing is tracked, and only the result is left. */
function filled<O extends InitOptions, const D extends Defaults<Omit<O, keyof InitOptions>>>(
  name: string,
  target: InitTarget,
  options: O,
  defaults: D,
  make: (how: Filling & Settled<Omit<O, keyof InitOptions>, D>) => Tensor,
): Tensor {
  const own = optionsOf(name, options as object, {
    dtype: undefined,
    generator: undefined,
    ...defaults,
  }) as InitOptions;
  const { generator = defaultGenerator(), dtype = usualDType() } = own;
  const variable = target instanceof Variable ? target : null;
  const shape = target instanceof Variable ? target.shape : shapeOf(name, target);
  return ownedBy(name, () =>
    withTracking(false, () => {
      const how = { ...own, shape, dtype: variable?.dtype ?? dtype, generator };
      const made = inNameOf(name, () => make(how as never)); // With the defaults that are of this type.
      if (!variable) return made;
      assign(variable, made);
      return variable;
    }),
  );
}
