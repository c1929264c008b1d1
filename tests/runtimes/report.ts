// The findings, as a table to print and as a page of the documentation.
import type { Bundled } from "./bundlers.js";
import { LONGEST_FRAME, type Frames } from "./frames.js";
import type { Probe } from "./portable/probe.js";
import type { Training } from "./portable/train.js";
import type { Tally } from "./portable/unit.js";

/** What was found in one runtime. */
export interface Findings {
  readonly name: string;
  readonly probe: Probe;
  readonly baseline: Training;
  readonly fastest: Training;
  readonly tally: Tally;
}

const HEADER = ["runtime", "engine", "build", "multiply-add", "memory", "at most", "threads", "baseline, an epoch"];

/** A line for each runtime: what the library uses there, and the beginning of the hash of what it trained. */
export function tableOf(found: readonly Findings[]): string {
  return table([
    HEADER,
    ...found.map(({ name, probe: { engine, info, fused }, baseline }) => [
      name,
      engine,
      info.build,
      fused ? "rounds once" : "rounds twice",
      info.shared ? "shared" : "unshared",
      `${info.maximumBytes / 2 ** 30} GiB`,
      info.reason ? `${info.threads}: ${info.reason.replace(/\s+/g, " ").slice(0, 60)}` : String(info.threads),
      `\`${baseline.hash.slice(0, 16)}\``,
    ]),
  ]);
}

/** A line for each bundler: where its app runs. */
export function bundlersOf(bundled: readonly Bundled[]): string {
  const places = [...new Set(bundled.map(({ where }) => where))];
  const bundlers = [...new Set(bundled.map(({ bundler }) => bundler))];
  const cell = (name: string, place: string): string =>
    bundled.find(({ bundler, where }) => bundler === name && where === place)?.problem === "" ? "runs" : "fails";
  return table([
    ["bundler", ...places.map((place) => `in ${place}`)],
    ...bundlers.map((name) => [name, ...places.map((place) => cell(name, place))]),
  ]);
}

/** All that is not as it should be, a line each. */
export function failuresOf(found: readonly Findings[], bundled: readonly Bundled[], frames: Frames | null): string[] {
  const isSame = new Set(found.map(({ baseline }) => baseline.hash)).size <= 1;
  return [
    ...found.flatMap(({ tally }) => tally.failures),
    ...(isSame ? [] : ["the baseline build has different bits in different runtimes"]),
    ...bundled.flatMap(({ bundler, where, problem }) => (problem ? [`${bundler} in ${where}: ${problem}`] : [])),
    ...(frames && frames.longest > LONGEST_FRAME ? [`a frame took ${frames.longest.toFixed(1)} ms`] : []),
  ];
}

/** docs/runtimes.md. */
export function renderPage(found: readonly Findings[], bundled: readonly Bundled[]): string {
  return `# Runtimes

Written by \`npm run runtimes\`, which runs all of this again (on Linux x64: it installs the runtimes from npm, in a folder of
their own). In each of these the unit tests pass that need no Node, with the laws of every operation and the references of
PyTorch among them, and an epoch of MNIST is trained, as \`npm start -- --epochs 1\` does.

${tableOf(found)}

- _build_: which build runs unless \`configure\` says otherwise. \`relaxed\` takes an engine with relaxed SIMD.
  \`wide\` runs where it is asked for ([docs/wide.md](wide.md)), as in its row here.
- _multiply-add_: whether the kernels' multiplications and additions are one instruction that rounds once. It is the engine's
  choice, on the relaxed build only, and makes its bits differ from one engine to another.
- _memory_: a page that is not [isolated](https://developer.mozilla.org/docs/Web/API/Window/crossOriginIsolated) may not share
  memory with workers.
- _threads_: on a machine of two cores; why there are no more, if something stands against them.
- _at most_: how much linear memory could be reserved.
- _baseline, an epoch_: the beginning of the SHA-256 of all parameters after that epoch on the baseline build
  (\`configure({ deterministic: true })\`). It is the same everywhere.

A small app, which trains and has a worker ([docs/worker.md](worker.md)), runs out of these bundlers:

${bundlersOf(bundled)}

While a page of isolated Chromium trains MNIST in a worker and draws its weights ([examples/live](../examples/live)), no frame
takes more than ${LONGEST_FRAME} ms.
`;
}

/** Rows of cells, the first of which are headings, in Markdown. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...body] = rows.map(line);
  return [head, line(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}
