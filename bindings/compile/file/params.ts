import { dtypes } from "../../core/dtype.js";
import { isPlainObject } from "../../core/tree.js";
import { invalid } from "./fields.js";

/** Refuses parameters that no operation has: they are numbers, truth values and names of dtypes, in lists and records. */
export function checkParams(params: unknown): void {
  if (typeof params === "string") {
    if (!Object.hasOwn(dtypes, params)) throw invalid("names of dtypes in parameters", params);
  } else if (Array.isArray(params)) {
    params.forEach(checkParams);
  } else if (isPlainObject(params)) {
    Object.values(params).forEach(checkParams);
  }
}
