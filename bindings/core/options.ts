import { ValueError } from "../errors.js";
import { kindOf } from "./checks.js";
import { checkDType } from "./dtype.js";
import { Tensor } from "./graph.js";

/** The kind of an option: a truth value, a number, or null where whoever reads it checks. */
type Like<T> = [T] extends [boolean] ? boolean : [T] extends [number] ? number : null | undefined;

/** The kind of each option. A list that lacks one of the type, or has another kind for it, does not compile. */
export type Known<O> = { readonly [K in keyof O]-?: Like<Exclude<O[K], undefined>> };

/** The default of each option, undefined for none. A number or a truth value also says which kind is taken. */
export type Defaults<O> = {
  readonly [K in keyof O]-?:
    (Like<Exclude<O[K], undefined>> extends null | undefined ? Exclude<O[K], number | boolean> : O[K]) | undefined;
};

/** Options after the defaults: one that has a default is never undefined. */
export type Settled<O, D> = {
  readonly [K in keyof O]-?: undefined extends D[K & keyof D] ? O[K] | undefined : Exclude<O[K], undefined>;
};

/** What a function does with its options: those given, and the defaults of others. Refuses what `checkOptions` refuses. */
export function optionsOf<O extends object, const D extends Defaults<O>>(
  operation: string,
  given: O | undefined,
  defaults: D,
): Settled<O, D> {
  if (given === undefined) return defaults as unknown as Settled<O, D>; // The common case makes no object.
  checkOptions<object>(operation, given, defaults);
  const all: Record<string, unknown> = { ...defaults };
  for (const name in all) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined) all[name] = value;
  }
  return all as Settled<O, D>;
}

/**
 * Refuses options that nobody reads, such as misspelt ones, what is unlike the known ones, and what is no object with options.
 * A 0-d tensor may stand for a number, as it does in programs and derivatives. `hint`: what may be meant.
 */
export function checkOptions<O extends object>(
  operation: string,
  options: O,
  known: Known<O>,
  hint: (name: string, names: readonly string[]) => string = alike,
): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null)
    throw new ValueError(operation, "an object with options", String(given));
  for (const name in given) {
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known);
      const expected = names.length > 0 ? `one of the options ${names.join(", ")}` : "no options";
      throw new ValueError(operation, expected, name + hint(name, names));
    }
    const value = (given as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const like = typeof (known as Record<string, unknown>)[name];
    if (name === "dtype") checkDType(operation, value);
    if (name === "generator" && !(value instanceof Object && "state" in value && value.state instanceof Tensor))
      throw new ValueError(operation, "a Generator as generator", kindOf(value));
    if (
      like === "boolean"
        ? value !== !!value
        : like === "number" && typeof value !== like && !(value instanceof Tensor && value.rank === 0)
    )
      throw new ValueError(operation, `${name} as a ${like}`, kindOf(value));
  }
}

/** An option that begins in the same way. Only what everybody loads asks so little; `shared/options` compares whole names. */
function alike(name: string, names: readonly string[]): string {
  const start = name.slice(0, 3).toLowerCase();
  const near = names.find((other) => other.toLowerCase().startsWith(start));
  return near ? `; is ${near} meant?` : "";
}

/** Refuses an option that is none of those that there are. */
export function checkChoice(operation: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (!choices.includes(value))
    throw new ValueError(operation, `${name} to be one of ${choices.join(", ")}`, kindOf(value));
}
