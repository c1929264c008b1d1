import * as core from "../core/options.js";

export type { Defaults, Known, Settled } from "../core/options.js";

/** Refuses options that nobody reads, such as misspelt ones: says which of the known ones is most alike. */
export function checkOptions<O extends object>(operation: string, options: O, known: core.Known<O>): void {
  core.checkOptions(operation, options, known, (name, names) => {
    const short = initials(name);
    const nearest = names.reduce((best, other) => (distance(name, other) < distance(name, best) ? other : best), "");
    const meant = names.includes(short) ? short : distance(name, nearest) <= name.length / 2 ? nearest : "";
    return meant && `; is ${meant} meant?`;
  });
}

/** Options after the defaults, as `optionsOf` of the core has them. Refuses what `checkOptions` refuses. */
export function optionsOf<O extends object, const D extends core.Defaults<O>>(
  operation: string,
  given: O | undefined,
  defaults: D,
): core.Settled<O, D> {
  if (given !== undefined) checkOptions<object>(operation, given, defaults);
  return core.optionsOf(operation, given, defaults);
}

/** The first letters of the words of a name: lr of learningRate. */
function initials(name: string): string {
  return name.replace(/_?([a-zA-Z])[a-z]*/g, "$1").toLowerCase();
}

/** How many letters are to be put in, left out or exchanged to come from one name to the other; weight_decay is weightDecay. */
function distance(from: string, to: string): number {
  const [a, b] = [from, to].map((name) => name.toLowerCase().replaceAll("_", "")) as [string, string];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    row = next;
  }
  return row[b.length]!;
}
