import { Fault } from "../../assembly/abi/status.js";
import { heap, kernels } from "./instance.js";

/** The number that a failing kernel left: the offending one, or how many bytes it needs. */
export function faultValue(): number {
  return heap.f64[((kernels.fault() >>> 0) + Fault.Value) >>> 3] ?? 0;
}

/** What bounds it: the size of an axis, or the milliseconds that a part should take. */
export function faultLimit(): number {
  return heap.u32[((kernels.fault() >>> 0) + Fault.Limit) >>> 2] ?? 0;
}
