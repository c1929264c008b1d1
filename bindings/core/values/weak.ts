import { CaptureError } from "../../errors.js";
import { symbolicStorage } from "../../runtime/scope.js";
import { apply, viewOf } from "../running/apply.js";
import { defaultDType, dtypes, weakDType, type DTypeFacts, type DTypeName } from "../dtype.js";
import { Tensor } from "../graph.js";
import { operations } from "../operations.js";

/** Of no floating-point type, so that nothing computes with a number before it has found the type to take. */
const WEAK: DTypeFacts = { ...dtypes.f64, float: false };

/**
 * A JavaScript number among the arguments of a compiled function. As a number would, it takes the type of the tensor that
 * it meets.
 */
export class WeakNumber extends Tensor {
  override readonly type: DTypeFacts = WEAK;
  /** Types of integers that it met: whether it is whole decided what came of it. */
  readonly met = new Set<DTypeName>();

  constructor(
    /** Its value in the call that is captured. */
    readonly example: number,
    /** Where its value is, if it is known. */
    storage = symbolicStorage(dtypes.f64.bytes),
  ) {
    super(storage, "f64", [], [], 0, 1, true);
  }
}

/** Whether a value is a number, or stands for one. */
export function isNumber(x: unknown): x is number | WeakNumber {
  return typeof x === "number" || x instanceof WeakNumber;
}

/** A number as a tensor of the type that it takes beside another, or alone. */
export function besideTensor(x: WeakNumber, beside?: DTypeName): Tensor {
  if (beside === undefined) return asDType("number", x, defaultDType);
  if (!dtypes[beside].float) x.met.add(beside);
  return asDType("number", x, weakDType(x.example, beside));
}

/** A number as a tensor of a type. */
export function asDType(operation: string, x: WeakNumber, dtype: DTypeName): Tensor {
  if (dtype === "f64") return viewOf(x, x);
  if (dtype === "i32") x.met.add("i32");
  if (dtype === "i32" ? weakDType(x.example, "i32") !== "i32" : !dtypes[dtype].float)
    throw new CaptureError(
      operation,
      `a number that ${dtype} holds`,
      `${x.example}, which may change from call to call`,
    );
  return apply(operations.cast.primitive, [x], dtype);
}
