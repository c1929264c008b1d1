import { parameter, variable } from "../../core/values/create.js";
import { dtypes, type DTypeName, usualDType } from "../../core/dtype.js";
import type { Tensor } from "../../core/graph.js";
import { ownedBy } from "../../core/running/scopes.js";
import type { Shape } from "../../core/shape.js";
import type { Variable } from "../../core/variable.js";
import { DTypeError } from "../../errors.js";
import { defaultGenerator, type Generator } from "../../functions/random/random.js";
import { fill } from "../../primitives/generate.js";
import { uniform } from "../init.js";

// How layers make the variables that they begin with.

/** What every layer with parameters is told. */
export interface LayerOptions {
  /** Element type of the parameters, f32 or f64. Default: the default floating-point type. */
  dtype?: DTypeName;
  /** Where the initial values come from. Default: the default generator. */
  generator?: Generator;
}

/** With what stands for options that are not given. Refuses a dtype that is not trained in. */
export function complete(
  name: string,
  { dtype = usualDType(), generator = defaultGenerator() }: LayerOptions,
): Required<LayerOptions> {
  if (!dtypes[dtype].float) throw new DTypeError(name, "a floating-point dtype to differentiate", dtype);
  return { dtype, generator };
}

/** A parameter with the values that `make` makes. */
export function parameterOf(label: string, make: () => Tensor): Variable {
  return ownedBy("a layer", () => parameter(make(), { label }));
}

/** A parameter of uniform numbers within ±bound. */
export function uniformWithin(label: string, shape: Shape, bound: number, options: LayerOptions): Variable {
  return parameterOf(label, () => uniform(shape, { a: -bound, b: bound, ...options }));
}

/** A parameter of one number everywhere. */
export function parameterFilled(
  label: string,
  shape: Shape,
  value: number,
  { dtype }: Required<LayerOptions>,
): Variable {
  return parameterOf(label, () => fill(shape, value, dtype));
}

/** A buffer of one number everywhere. */
export function bufferFilled(label: string, shape: Shape, value: number, dtype: DTypeName): Variable {
  return ownedBy("a layer", () => variable(fill(shape, value, dtype), { label }));
}
