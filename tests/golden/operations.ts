// Calls an operation of the file by its PyTorch name, wherever the library has it. An operation that follows the rule needs
// no line here: its inputs in the file's order, then the keyword arguments that PyTorch users write by position, then an
// object with the others in camelCase.
import type { Tensor } from "wengert";
import { combined } from "./combined.js";
import { composed } from "./composed.js";
import type { Keywords } from "./file.js";
import type { Inputs } from "./inputs.js";
import { camelCase, MissingOperation, type Callable, type Lab } from "./library.js";
import { argumentsOf, optionNamed, orderOf } from "./parameters.js";
import { SPREAD } from "./spread.js";

/** Other public names for the same operation, tried in order after PyTorch's. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  amax: ["max"],
  amin: ["min"],
  index: ["indexSelect"],
  batch_norm_eval: ["batchNorm"],
  take_along_dim: ["takeAlongAxis"],
  pinverse: ["pinv"],
  chain_matmul: ["linalg.multi_dot"],
  // What PyTorch itself calls another name of the same.
  absolute: ["abs"],
  negative: ["neg"],
  sgn: ["sign"],
  fix: ["trunc"],
  expit: ["sigmoid"],
  arccos: ["acos"],
  arcsin: ["asin"],
  arctan: ["atan"],
  arctan2: ["atan2"],
  arccosh: ["acosh"],
  arcsinh: ["asinh"],
  arctanh: ["atanh"],
  subtract: ["sub"],
  multiply: ["mul"],
  divide: ["div"],
  true_divide: ["div"],
  float_power: ["pow"],
  greater: ["gt"],
  greater_equal: ["ge"],
  less: ["lt"],
  less_equal: ["le"],
  not_equal: ["ne"],
  concatenate: ["cat"],
  swapdims: ["transpose"],
  view: ["reshape"],
  ger: ["outer"],
  vdot: ["dot"],
};

/**
 * Calls an operation of the file; its outputs as a list. Arguments that are null are not given. `made` is the type of what is
 * made of numbers alone, which PyTorch tells from how they are written. Throws MissingOperation where the library has no such
 * operation, or where it has no such option.
 */
export function invoke(
  lab: Lab,
  op: string,
  inputs: Inputs,
  keywords: Keywords,
  made: string = lab.dtype,
): readonly Tensor[] {
  const args = argumentsOf(op, keywords, lab.dtype);
  const name = renamed(op, inputs, args);
  const call = [name, ...(ALIASES[name] ?? [])].map((other) => lab.lookup(other)).find((found) => found !== null);
  const spread = SPREAD[name];
  const composition = composed[name] ?? combined[name];
  if (call && spread)
    return outputsOf(
      lab,
      readAll(name, args, (read) => spread(call, inputs, read, { lab, made })),
    );
  if (call) return outputsOf(lab, called(name, call, inputs, args));
  if (!composition) throw new MissingOperation(op);
  // Each composition names the inputs that its operation has in every file.
  return readAll(name, args, (read) => composition(lab, inputs as never, read));
}

/** `max` and `min` are three operations in PyTorch: of all, along an axis with positions, and of two tensors. */
function renamed(op: string, inputs: Inputs, args: Keywords): string {
  if (op !== "max" && op !== "min") return op;
  if (Object.keys(inputs).length + Number("other" in args) > 1) return `${op}imum`;
  return "dim" in args ? `${op}_dim` : op;
}

/** Gives arguments to a function that reads some of them; that it does not read one means that it has no such option. */
function readAll<Result>(op: string, args: Keywords, use: (args: Keywords) => Result): Result {
  const unread = new Set(Object.keys(args));
  const reading = new Proxy(args, {
    get(target, name) {
      unread.delete(String(name));
      return target[String(name)];
    },
  });
  const result = use(reading);
  if (unread.size > 0) throw new MissingOperation(`${op} with ${[...unread].join(", ")}`);
  return result;
}

function called(op: string, call: Callable, inputs: Inputs, args: Keywords): unknown {
  const given: Readonly<Record<string, unknown>> = { ...args, ...inputs };
  const order = orderOf(op, Object.keys(inputs), args);
  const positional = order.map((name) => given[name]);
  const rest = Object.keys(given).filter((name) => !order.includes(name));
  if (rest.length === 0) {
    while (positional.length > 0 && positional[positional.length - 1] === undefined) positional.pop();
    return call(...positional);
  }
  const options = Object.fromEntries(
    rest.map((name) => [optionNamed(name) ?? camelCase(name), name === "unbiased" ? Number(given[name]) : given[name]]),
  );
  if (takesAnything(call, positional)) throw new MissingOperation(`${op} with ${rest.join(", ")}`);
  return call(...positional, options);
}

/** Whether a function takes an option that no function has: then it has none, and what it is given there it leaves aside. */
function takesAnything(call: Callable, positional: readonly unknown[]): boolean {
  try {
    call(...positional, { noSuchOption: 1 });
    return true;
  } catch {
    return false;
  }
}

/** One tensor, a list of them, or an object of them (such as `{ values, indices }`), as a list. */
function outputsOf(lab: Lab, result: unknown): readonly Tensor[] {
  if (result instanceof lab.core.Tensor) return [result];
  if (Array.isArray(result)) return result as readonly Tensor[];
  if (typeof result === "object" && result !== null) return Object.values(result) as readonly Tensor[];
  throw new Error(`expected tensors, got ${typeof result}`);
}
