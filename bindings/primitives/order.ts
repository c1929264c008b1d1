import { Op } from "../../assembly/abi/op.js";
import { apply } from "../core/running/apply.js";
import { asTensor, type TensorLike } from "../core/values/create.js";
import { encodeAxis } from "../core/encode/encode.js";
import type { Primitive, Tensor } from "../core/graph.js";
import { optionsOf } from "../core/options.js";
import { normalizeAxis } from "../core/shape.js";
import { ValueError } from "../errors.js";
import { alongNext, castAs, computable, dense, type Internal, internal, type Operation, operation } from "./define.js";

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** The greatest first. Default false. */
  descending?: boolean;
}

/** What `argsort` is told: of the order, the first `count` places are wanted. */
export interface Ordering extends Required<SortOptions> {
  /** The axis, from 0 on. */
  readonly axis: number;
  /** How many places are wanted. */
  readonly count: number;
}

/** What answers places along an axis: of `argsort` fewer than there are elements, if so asked. */
function placing(name: string, op: Op): Primitive<Ordering> {
  const primitive: Primitive<Ordering> = {
    name,
    infer: ([x], { axis, count }) => ({
      shape: x!.shape.map((length, i) => (i === axis ? count : length)),
      dtype: "i32",
    }),
    encode: (tape, out, [x], { axis, descending, count }) =>
      encodeAxis(tape, op, Number(descending), { out, x: x! }, x!.shape, axis, count),
    batch: alongNext(
      () => primitive,
      (params) => ({ ...params, axis: params.axis + 1 }),
    ),
    derivative: { kind: "none" },
    samples: () => [
      { inputs: [{ shape: [3, 5] }], params: { axis: 1, descending: false, count: 5 } },
      { inputs: [{ shape: [5, 3] }], params: { axis: 0, descending: true, count: op === Op.Argsort ? 2 : 5 } },
      { inputs: [{ shape: [] }], params: { axis: 0, descending: false, count: 1 } },
    ],
  };
  return primitive;
}

const ordering = placing("argsort", Op.Argsort);
const running = placing("foremost", Op.Foremost);

/**
 * Places (i32) of the least elements so far along an axis, or of the greatest: the last of equal ones. From a NaN on, those of
 * NaN.
 */
export const foremost: Internal<(x: Tensor, axis: number, descending: boolean) => Tensor, Ordering> = internal(
  running,
  (x: Tensor, axis: number, descending: boolean) =>
    apply(running, [dense(x.type.float ? x : castAs(x, "f64"))], { axis, descending, count: x.shape[axis] ?? 1 }),
);

/**
 * Places (i32) of the elements along an axis, by default the last, in ascending or descending order; with `count`, only the
 * first so many. Equal elements keep their order, NaN counts as the greatest, and zeros of both signs are equal.
 *
 * @throws AxisError for an axis that x does not have
 * @throws ValueError for a count that is not from 0 to the length of the axis
 */
export const argsort: Operation<
  (x: TensorLike, axis?: number, options?: SortOptions & { count?: number }) => Tensor,
  Ordering
> = operation(ordering, (x: TensorLike, axis = -1, options?: SortOptions & { count?: number }) => {
  const { descending, count } = optionsOf("argsort", options, { descending: false, count: Infinity });
  const t = computable(asTensor("argsort", x), "number");
  const along = normalizeAxis("argsort", axis, t.rank || 1);
  const length = t.shape[along] ?? 1;
  const wanted = count === Infinity ? length : count;
  const least = t.rank === 0 ? 1 : 0;
  if (!Number.isInteger(wanted) || wanted < least || wanted > length)
    throw new ValueError("argsort", `a count from ${least} to ${length}`, String(wanted));
  return apply(ordering, [dense(t)], { axis: along, descending, count: wanted });
});
