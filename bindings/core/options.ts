import { ValueError } from "../errors.js";

/** A value for each option, where undefined is none: what a type has and a list lacks does not compile. */
export type Defaults<O> = { readonly [K in keyof O]-?: O[K] | undefined };

/** Options of which those that have a default are there. */
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
  checkOptions(operation, given, defaults);
  const all: Record<string, unknown> = { ...defaults };
  for (const name in all) {
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined) all[name] = value;
  }
  return all as Settled<O, D>;
}

/** Refuses options that nobody reads, such as misspelt ones, and what is no object with options; `hint`: what may be meant. */
export function checkOptions(
  operation: string,
  options: object,
  known: object,
  hint?: (name: string, names: readonly string[]) => string,
): void {
  const given: unknown = options;
  if (typeof given !== "object" || given === null)
    throw new ValueError(operation, "an object with options", String(given));
  for (const name in given) {
    if (Object.hasOwn(known, name)) continue;
    const names = Object.keys(known);
    const expected = names.length > 0 ? `one of the options ${names.join(", ")}` : "no options";
    throw new ValueError(operation, expected, name + (hint?.(name, names) ?? ""));
  }
}
