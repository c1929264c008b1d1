// npm run accuracy: how exact the elementary and special functions are, on both builds; writes docs/accuracy.md.
//   npm run accuracy -- tan erf      only these functions, and no file
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { from, type Big } from "./big.js";
import { functions, type Swept } from "./functions.js";
import { serve, type Answer, type Request } from "./measure.js";
import { pointsOf, type DType } from "./points.js";
import { report, type Line, type Worst } from "./report.js";
import { ulpsOf } from "./ulp.js";

const BUILDS = ["baseline", "relaxed"] as const;
const COUNT = { f32: 500, f64: 2500 };
/** Every so many f32 are tried against the f64 kernel. */
const STEP = 1009;

const [mode, ...rest] = process.argv.slice(2);
if (mode === "--serve") serve(rest[0] as (typeof BUILDS)[number]);
else await sweep(process.argv.slice(2));

async function sweep(asked: readonly string[]): Promise<void> {
  const start = performance.now();
  const servers = BUILDS.map((build) =>
    fork(fileURLToPath(import.meta.url), ["--serve", build], { execArgv: process.execArgv, serialization: "advanced" }),
  );
  const answer = await ask(servers[0]!, { kind: "known" });
  const known = answer.kind === "known" ? answer.names : [];
  const lines: Line[] = [];
  for (const swept of functions) {
    if (asked.length > 0 && !asked.includes(swept.name)) continue;
    if (!known.includes(swept.name)) {
      console.log(`${swept.name.padEnd(16)} is not in the library`);
      continue;
    }
    const worst = { f32: await worstOf(servers, swept, "f32"), f64: await worstOf(servers, swept, "f64") };
    lines.push({ swept, worst });
    const show = (dtype: DType) => `${dtype} ${worst[dtype].ulps.toFixed(2)} at ${worst[dtype].at.join(", ")}`;
    const late = lines.at(-1).swept.promised.some((promised, i) => worst[i === 0 ? "f32" : "f64"].ulps > promised);
    console.log(`${swept.name.padEnd(16)} ${show("f32")}; ${show("f64")}${late ? "  BROKEN PROMISE" : ""}`);
    if (late) process.exitCode = 1;
  }
  for (const server of servers) server.disconnect();
  console.log(`${((performance.now() - start) / 1000).toFixed(0)} s`);
  if (asked.length === 0) writeFileSync("docs/accuracy.md", report(lines, COUNT, STEP));
}

/** The largest error of both builds: against big numbers, and for f32 against the f64 kernel too. */
async function worstOf(servers: readonly ChildProcess[], swept: Swept, dtype: DType): Promise<Worst> {
  const rows = pointsOf(swept, dtype, COUNT[dtype]);
  const columns = swept.from.map((_, i) => Float64Array.from(rows, (row) => row[i]!));
  const exact = rows.map((row) => valueAt(swept, row));
  let worst: Worst = { ulps: 0, at: rows[0]! };
  for (const server of servers) {
    const answer = await ask(server, { kind: "evaluate", name: swept.name, dtype, columns });
    if (answer.kind !== "values") continue;
    for (const [i, value] of exact.entries()) {
      if (value === null) continue;
      const y = answer.values[i]!;
      if (swept.except && Math.abs(y) < swept.except.below[dtype === "f32" ? 0 : 1]) continue;
      const ulps = ulpsOf(y, value, dtype, swept.absolute ?? false);
      if (ulps > worst.ulps) worst = { ulps, at: rows[i]! };
    }
    if (dtype === "f64" || swept.from.length > 1) continue;
    const dense = await ask(server, { kind: "dense", name: swept.name, step: STEP });
    if (dense.kind === "worst" && dense.ulps > worst.ulps) worst = { ulps: dense.ulps, at: [dense.at] };
  }
  return worst;
}

/** The exact value; null at the ends of the domain, where there is none. */
function valueAt(swept: Swept, row: readonly number[]): Big | null {
  try {
    return swept.reference(...row.map(from));
  } catch (error) {
    // Division by zero, or the logarithm of nothing: a pole.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

async function ask(server: ChildProcess, request: Request): Promise<Answer> {
  const reply = once(server, "message");
  server.send(request);
  const [answer] = (await reply) as [Answer];
  return answer;
}
