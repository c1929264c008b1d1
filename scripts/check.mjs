// npm run check: everything that can be known without running the library. One line a step.
//   npm run check -- lint floors   only these steps
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, runNode } from "./lib/run.mjs";

const KERNELS = ["scripts/build.mjs", "--kernels"];
const FLOORS = ["assembly", "bindings", "examples", "benchmarks", "tests", "site"];

/** @type {[name: string, command: string[]][]} */
const STEPS = [
  ["types", ["node_modules/typescript/bin/tsc", "-p", "tsconfig.check.json"]],
  // With what engines have of which the library runs, and with nothing of Node's.
  [
    "library",
    ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json", "--emitDeclarationOnly", "false", "--noEmit"],
  ],
  ["lint", ["node_modules/eslint/bin/eslint.js", "--max-warnings=0", "."]],
  ["format", ["node_modules/prettier/bin/prettier.cjs", "--check", "--log-level=warn", "."]],
  [
    "floors",
    [
      "node_modules/dependency-cruiser/bin/dependency-cruise.mjs",
      ...FLOORS.filter((path) => existsSync(join(ROOT, path))),
    ],
  ],
  ["operations", ["--import", "tsx", "tests/operations/main.ts", "--check"]],
];

const asked = process.argv.slice(2);
const steps = STEPS.filter(([name]) => asked.length === 0 || asked.includes(name));
const names = ["kernels", ...STEPS.map(([name]) => name)];
const unknown = asked.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`no step is called ${unknown}; there are ${names.join(", ")}`);
  process.exit(1);
}

// Compiling the kernels checks them, and the types need the generated module; the other steps do not know one another.
print("kernels", await runNode(KERNELS));
const outcomes = steps.map(([, command]) => runNode(command));
for (const [index, [name]] of steps.entries()) print(name, await /** @type {typeof outcomes[0]} */ (outcomes[index]));

/**
 * @param {string} name
 * @param {import("./lib/run.mjs").Outcome} outcome
 */
function print(name, { code, output, seconds }) {
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name.padEnd(8)}${seconds.toFixed(1).padStart(5)} s`);
  if (code === 0) return;
  process.exitCode = 1;
  console.log(output.trimEnd());
}
