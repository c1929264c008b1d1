import { showShape, type Shape } from "../../core/shape.js";

/** Options as layers print them, `stride: [2, 1]`. What is undefined is not given. */
export function shownOptions(options: object): string[] {
  const given = Object.entries(options) as [string, Shape | string | number | boolean | undefined][];
  return given.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${typeof value === "object" ? showShape(value) : String(value)}`],
  );
}
