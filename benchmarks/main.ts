// npm run bench: measures the library against plain JavaScript, and against its peers where they are installed.
//   npm run bench -- matmul size       only these benchmarks
//   npm run bench -- matmul --only "256 NN"   only cases whose names hold these words
//   npm run bench -- --rounds 15       more samples of each contestant (default, and least, 7)
//   npm run bench -- kernels --record  keep the shares of the limits, for later runs to compare with, and write docs/kernels.md
//   npm run bench -- --cpu             count the processor's time, not the time that passes: for a machine that is busy
//   npm run --silent bench -- --json   one object a line on standard output, and nothing else there
import { parseArgs } from "node:util";
import type { Effort } from "./harness.js";
import { describeMachine } from "./machine.js";
import { linesOf, tableOf, type Outcome } from "./report.js";
import type { Suite } from "./suite.js";
import { compiled } from "./suites/compile.js";
import { dispatch } from "./suites/dispatch.js";
import { derivatives } from "./suites/derivatives.js";
import { bandwidth } from "./suites/bandwidth.js";
import { eagerOverhead } from "./suites/eager-overhead.js";
import { kernels } from "./suites/kernels.js";
import { indexing } from "./suites/indexing.js";
import { matmul } from "./suites/matmul.js";
import { mnistStep } from "./suites/mnist-step.js";
import { nn } from "./suites/nn.js";
import { rows } from "./suites/rows.js";
import { compiledSteps } from "./suites/compile-steps.js";
import { size } from "./suites/size.js";
import { threads } from "./suites/threads.js";
import { startup } from "./suites/startup.js";
import { vecmath } from "./suites/vecmath.js";
import { wide } from "./suites/wide.js";

const SUITES: readonly Suite[] = [
  ...[matmul, vecmath, bandwidth, rows, indexing, kernels, dispatch, derivatives],
  ...[compiled, compiledSteps, mnistStep, nn, threads, wide, eagerOverhead, startup, size],
];
const FEWEST_ROUNDS = 7;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    cpu: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
  },
});
/** Whether a name on the command line means a suite: its own, or what it begins with before a hyphen. */
const means = (name: string, suite: Suite): boolean => suite.name === name || suite.name.startsWith(`${name}-`);
const unknown = positionals.find((name) => !SUITES.some((suite) => means(name, suite)));
if (unknown !== undefined) {
  console.error(
    `no benchmark is called ${unknown}; there are\n${SUITES.map(({ name, about }) => `  ${name.padEnd(16)}${about}`).join("\n")}`,
  );
  process.exit(1);
}
const effort: Effort = {
  rounds: Math.max(FEWEST_ROUNDS, Number(values.rounds) || 0),
  sample: 0.025,
  warmUp: 0.15,
  clock: values.cpu ? "cpu" : "wall",
};
const print = values.json ? console.error : console.log;
const chosen = SUITES.filter((suite) => positionals.length === 0 || positionals.some((name) => means(name, suite)));

print(describeMachine().join("\n"));
for (const suite of chosen) await measure(suite);

async function measure({ name, about, run }: Suite): Promise<void> {
  print(`\n${name}: ${about}`);
  const outcomes: Outcome[] = [];
  const wants = (label: string): boolean => values.only.split(" ").every((word) => label.includes(word));
  for await (const outcome of run({ effort, wants, note: print, record: values.record })) {
    outcomes.push(outcome);
    if (values.json) for (const line of linesOf(outcome)) console.log(JSON.stringify(line));
  }
  if (!values.json && outcomes.length > 0) print(`\n${tableOf(outcomes)}`);
}
