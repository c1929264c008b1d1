import type { Swept } from "./functions.js";
import type { DType } from "./points.js";

/** The largest error found, and where. */
export interface Worst {
  readonly ulps: number;
  readonly at: readonly number[];
}

export interface Line {
  readonly swept: Swept;
  readonly worst: Readonly<Record<DType, Worst>>;
}

/** The text of docs/accuracy.md. */
export function report(lines: readonly Line[], count: Readonly<Record<DType, number>>, step: number): string {
  const rows = lines.map(({ swept, worst }) => {
    const { name, promised, absolute, except } = swept;
    const notes = `${absolute ? " ¹" : ""}${except ? " ²" : ""}`;
    const cells = (["f32", "f64"] as const).flatMap((dtype) => [
      worst[dtype].ulps.toFixed(2),
      `\`${worst[dtype].at.map((x) => String(x)).join(", ")}\``,
    ]);
    return [`${name}${notes}`, [...new Set(promised)].join(", "), ...cells];
  });
  const table = [
    ["function", "promised", "f32", "at", "f64", "at"],
    ["---", "---:", "---:", "---", "---:", "---"],
    ...rows,
  ];
  return `# Accuracy

How far the elementary and special functions are from the exact value, in units in the last place (ulp) of the exact value,
subnormal ones included. Written by \`npm run accuracy\`, which tries both builds and keeps the worse: ${count.f64} arguments in
f64 and ${count.f32} in f32 (evenly spread, spread by magnitude, and close to seams, poles and roots) against 220-bit arithmetic in
plain JavaScript, and every ${step}th f32 number in the domain against the f64 kernel. Special values are those of C99, and tested apart.

${table.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}

¹ Where the value is below 1, as near a root, in units in the last place of 1.
² Results at and below the least normal number do not count.
`;
}
