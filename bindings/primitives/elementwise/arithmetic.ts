import { Op } from "../../../assembly/abi/op.js";
import { apply } from "../../core/running/apply.js";
import { asTensor, type TensorLike } from "../../core/values/create.js";
import { encodeMap } from "../../core/encode/encode.js";
import type { Primitive, Tensor } from "../../core/graph.js";
import type { Operations } from "../../core/operations.js";
import { broadcastShapes } from "../../core/shape.js";
import { DTypeError } from "../../errors.js";
import {
  binary,
  comparison,
  expandTracked,
  meet,
  operation,
  partials,
  sample,
  type Binary,
  type Operation,
  internal,
  type Internal,
} from "../define.js";

/** Sum of two tensors, elementwise with broadcasting. */
export const add: Binary = binary("add", {
  op: Op.Add,
  lanes: "add",
  symbol: "+",
  derivative: {
    kind: "linear",
    transposes: [(_, g) => g, (_, g) => g],
    tangent: (o, [s, t]) => (s && t ? o.add(s, t) : (s ?? t)!),
  },
  domain: [
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
});

/** Difference x - y, elementwise with broadcasting. */
export const sub: Binary = binary("sub", {
  op: Op.Sub,
  lanes: "sub",
  symbol: "−",
  derivative: {
    kind: "linear",
    transposes: [(_, g) => g, (o, g) => o.neg(g)],
    tangent: (o, [s, t]) => (s && t ? o.sub(s, t) : (s ?? o.neg(t!))),
  },
  domain: [
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
});

/** Product of two tensors, elementwise with broadcasting. */
export const mul: Binary = binary("mul", {
  op: Op.Mul,
  lanes: "mul",
  symbol: "·",
  derivative: {
    kind: "bilinear",
    transposes: [(o, g, { inputs: [, y] }) => o.mul(g, y!), (o, g, { inputs: [x] }) => o.mul(x!, g)],
  },
  domain: [
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
});

/** Quotient x / y, elementwise with broadcasting. Integers are divided as floats. */
export const div: Binary = binary("div", {
  op: Op.Div,
  lanes: "div",
  symbol: "/",
  computes: "float",
  derivative: {
    kind: "elementwise",
    partials: [
      (o, [, y]) => o.reciprocal(y!), // 1/y
      (o, [, y], q) => o.neg(o.div(q, y!)), // -x/y²
    ],
    singular: true,
  },
  domain: [
    [
      [-2, 2],
      [0.3, 2],
    ],
    [
      [-2, 2],
      [-2, -0.3],
    ],
  ],
});

/** The larger of two, elementwise; NaN if either is. Where they are equal each has half the derivative. */
export const maximum: Binary = binary("maximum", {
  op: Op.Maximum,
  lanes: "max",
  derivative: {
    kind: "elementwise",
    partials: partials(
      (o, [x, y]) => share(o, x!, y!),
      (o, [x, y]) => share(o, y!, x!),
    ),
  },
  domain: [
    [
      [-2, 0],
      [0.1, 2],
    ],
    [
      [0.1, 2],
      [-2, 0],
    ],
  ],
});

/** The smaller of two, elementwise; NaN if either is. Where they are equal each has half the derivative. */
export const minimum: Binary = binary("minimum", {
  op: Op.Minimum,
  lanes: "min",
  derivative: {
    kind: "elementwise",
    partials: partials(
      (o, [x, y]) => share(o, y!, x!),
      (o, [x, y]) => share(o, x!, y!),
    ),
  },
  domain: [
    [
      [-2, 0],
      [0.1, 2],
    ],
    [
      [0.1, 2],
      [-2, 0],
    ],
  ],
});

/** 1 where x is above y, 1/2 where they are equal, 0 below. */
function share(o: Operations, x: Tensor, y: Tensor): Tensor {
  return o.mul(0.5, o.add(o.cast(o.gt(x, y), x.dtype), o.cast(o.ge(x, y), x.dtype)));
}

const gated: Binary = binary("gatedMul", {
  symbol: "·",
  op: Op.GatedMul,
  lanes: (v, [x, y]) => v.and(v.apply("mul", x!, y!), v.apply("ne", x!, v.constant(0, x!))),
  derivative: {
    kind: "bilinear",
    transposes: [(o, g, { inputs: [, y] }) => o.gatedMul(g, y!), (o, g, { inputs: [x] }) => o.gatedMul(x!, g)],
  },
  domain: [
    [
      [-2, 2],
      [-2, 2],
    ],
  ],
});

/**
 * x * y, but exactly 0 wherever x is 0, whatever y is. It multiplies an adjoint by a partial that may be infinite, and is
 * linear in each.
 */
export const gatedMul: Internal<(x: TensorLike, y: TensorLike) => Tensor> = internal(gated.primitive, gated);

/** Whether two are equal, elementwise. NaN equals nothing. */
export const eq: Binary = comparison("eq", Op.Eq, "=", "eq");
/** Whether two differ, elementwise. */
export const ne: Binary = comparison("ne", Op.Ne, "≠", "ne");
/** Whether x < y, elementwise. */
export const lt: Binary = comparison("lt", Op.Lt, "<", "lt");
/** Whether x <= y, elementwise. */
export const le: Binary = comparison("le", Op.Le, "≤", "le");
/** Whether x > y, elementwise. */
export const gt: Binary = comparison("gt", Op.Gt, ">", "gt");
/** Whether x >= y, elementwise. */
export const ge: Binary = comparison("ge", Op.Ge, "≥", "ge");

const choice: Primitive<null> = {
  name: "where",
  lanes: (v, [condition, x, y]) => v.select(condition!, x!, y!),
  infer: ([condition, x, y]) => ({
    shape: broadcastShapes("where", condition!.shape, broadcastShapes("where", x!.shape, y!.shape)),
    dtype: x!.dtype,
  }),
  encode: (tape, out, inputs) => encodeMap(tape, Op.Where, out.type.code, 0, out, inputs),
  batch: "elementwise",
  derivative: {
    kind: "linear",
    transposes: [
      null,
      (o, g, { inputs: [condition] }) => o.where(condition!, g, 0),
      (o, g, { inputs: [condition] }) => o.where(condition!, 0, g),
    ],
  },
  samples: () => [sample([{ shape: [2, 3], dtype: "bool" }, { shape: [2, 3] }, { shape: [2, 3] }])],
};

/** x where the condition holds, y elsewhere; elementwise with broadcasting. The condition is a tensor of truth values. */
export const where: Operation<(condition: TensorLike, x: TensorLike, y: TensorLike) => Tensor> = operation(
  choice,
  (condition: TensorLike, x: TensorLike, y: TensorLike) => {
    const c = asTensor("where", condition);
    if (c.dtype !== "bool") throw new DTypeError("where", "a condition of dtype bool, such as x.ne(0)", c.dtype);
    const [a, b] = meet("where", x, y);
    if (!a.node && !b.node) return apply(choice, [c, a, b], null);
    const { shape } = choice.infer([c, a, b], null);
    return apply(choice, [c, expandTracked(a, shape), expandTracked(b, shape)], null);
  },
);
