// Which of three species a penguin of the Palmer Archipelago is, by four measures of its body.
//   npx tsx examples/penguins.ts [--epochs 60] [--claim 97] [--out out]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compile, crossEntropy, noGrad, seed, type Tensor } from "wengert";
import { confusionMatrix, DataLoader, parseCsv, precisionRecallF1, Standardizer, Vocabulary } from "wengert/data";
import { Linear, ReLU, Sequential } from "wengert/nn";
import { AdamW } from "wengert/optim";
import { draw, write } from "./chart.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("Tells three species of penguins apart.", {
  epochs: whole(60, "passes over the penguins to learn from"),
  claim: positive(97, "least test accuracy in percent"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { epochs: EPOCHS, claim: CLAIM, seed: SEED, out } = chosen;
const MEASURES = ["culmen_length_mm", "culmen_depth_mm", "flipper_length_mm", "body_mass_g"];

// Gorman et al. 2014, by the npm package @observablehq/sample-datasets. Two birds were not measured.
const path = createRequire(import.meta.url).resolve("@observablehq/sample-datasets/penguins.csv");
const rows = (await parseCsv(readFileSync(path), { missing: ["", "NaN"] })).map((row) => ({
  x: MEASURES.map((measure) => Number(row[measure])),
  species: String(row.species),
}));
const species = new Vocabulary(rows.map((bird) => bird.species).toArray());
const birds = rows
  .filter(({ x }) => x.every(Number.isFinite))
  .map(({ x, species: name }) => ({ x, y: species.encode([name])[0]! }));
const [training, test] = birds.split([0.7, 0.3], { seed: SEED, stratify: ({ y }) => y }) as [
  typeof birds,
  typeof birds,
];
console.log(`${birds.length} penguins, ${training.length} to learn from and ${test.length} to test with\n`);

seed(SEED);
const scale = new Standardizer(training.all().x); // of the training birds alone: the others are not known yet
const model = new Sequential(new Linear(MEASURES.length, 16), new ReLU(), new Linear(16, species.size));
const optimizer = new AdamW(model.parameters(), { lr: 0.01 });
const scoresOf = (x: Tensor): Tensor => model(scale.transform(x));
const step = compile((x: Tensor, y: Tensor) => optimizer.minimize(() => crossEntropy(scoresOf(x), y)));
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  let sum = 0;
  const batches = new DataLoader(training, { batchSize: 16, shuffle: true, seed: SEED + epoch, dropLast: true });
  for (const { x, y } of batches) sum += step(x, y).item();
  if (epoch % Math.ceil(EPOCHS / 4) === 0)
    console.log(`epoch ${String(epoch).padStart(3)}  loss ${(sum / batches.length).toFixed(4)}`);
}

const { x, ...others } = test.all();
const y = others.y.cast("i32");
const predicted = noGrad(() => scoresOf(x).argMax(1));
const confusion = confusionMatrix(predicted, y, species.size).toArray() as number[][];
console.log(`\n${"taken for".padEnd(11)}${species.tokens.map((name) => name.padStart(11)).join("")}`);
for (const [i, row] of confusion.entries())
  console.log(species.tokens[i]!.padEnd(11) + row.map((count) => String(count || "·").padStart(11)).join(""));
const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
const [share, { f1 }] = [(100 * right) / test.length, precisionRecallF1(predicted, y, { average: "macro" })];
const reached = share >= CLAIM;
console.log(
  `\nTest accuracy: ${share.toFixed(2)} % of ${test.length} penguins, F1 ${f1.toFixed(3)}; ` +
    `${CLAIM} % was ${reached ? "" : "not "}reached`,
);
if (!reached) process.exitCode = 1;

const guesses = predicted.data();
const places = test.toArray().map(({ x, y }, i) => ({ at: [x[0]!, x[1]!] as const, y, wrong: guesses[i] !== y }));
const chart = {
  title: "Penguins told apart by their bills, flippers and weight",
  ...{ x: "length of the bill, mm", y: "depth of the bill, mm" },
  series: [
    ...species.tokens.map((label, i) => ({
      label,
      points: places.filter((bird) => bird.y === i && !bird.wrong).map(({ at }) => at),
      dots: true,
    })),
    { label: "taken for another", points: places.filter(({ wrong }) => wrong).map(({ at }) => at), dots: true },
  ],
};
write(`${out}/penguins.svg`, await draw(chart));
