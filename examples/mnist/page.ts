import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import type { Tensor } from "wengert";
import { confusionChart, lossChart, REACH } from "./charts.js";
import { SIDE } from "./dataset.js";
import type { Mistake } from "./evaluate.js";
import { grouped, meanLoss, percent, speedOf, verdict, type Result } from "./summary.js";

/** What the page tells of. */
export interface Story {
  /** Sentences on data, network and training. */
  readonly about: readonly string[];
  readonly batch: number;
  /** Training images in an epoch. */
  readonly images: number;
  readonly results: readonly Result[];
  readonly confusion: readonly (readonly number[])[];
  readonly mistakes: readonly Mistake[];
  /** The test images, u8 [n, 28, 28]. */
  readonly test: Tensor;
}

/** A page in one file: drawings and images are inside it. */
export async function renderPage(story: Story): Promise<string> {
  const { about, batch, images, results, confusion, mistakes, test } = story;
  const { evaluation } = results[results.length - 1]!;
  const { seconds, imagesPerSecond } = speedOf(results, images);
  const wrong = evaluation.labels.filter((label, i) => label !== evaluation.predicted[i]).length;
  const epochs = results.map((result, i) => ({ losses: result.losses, label: labelOf(results, i) }));
  const style = readFileSync(new URL("page.css", import.meta.url), "utf8");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MNIST, ${percent(evaluation.accuracy)}</title>
<style>
${style}</style>
</head>
<body>
<h1>Reading digits</h1>
<p>${escape(verdict(results))}</p>
<dl class="figures">
${figure("of the test images read right", percent(evaluation.accuracy))}
${figure(`read wrong, of ${grouped(evaluation.labels.length)}`, grouped(wrong))}
${figure("of training", `${seconds.toFixed(2)} s`)}
${figure("images per second", grouped(imagesPerSecond))}
</dl>

<h2>Loss</h2>
<p>The thin line is the loss of each batch before the step it led to, the thick one the mean over ${REACH} steps
on either side. Dashed lines end an epoch; above them, the accuracy on the test images at that point.</p>
<figure class="chart">${await lossChart(epochs, batch)}</figure>
${epochTable(results)}

<h2>What was taken for what</h2>
<p>Right answers in blue, stronger where more of a digit's images were read right; mistakes in orange, on a scale of their own.</p>
<figure class="chart square">${await confusionChart(confusion)}</figure>

<h2>The worst mistakes</h2>
<p>Of the ${grouped(wrong)} images read wrong, the ${mistakes.length} whose true digit the network thought least likely, worst first.</p>
<div class="digits">
${mistakes.map((mistake) => digit(mistake, test)).join("\n")}
</div>

<footer>${about.map((line) => `<p>${escape(line)}</p>`).join("")}</footer>
</body>
</html>
`;
}

function figure(name: string, value: string): string {
  return `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`;
}

/** What stands above an epoch's line; of many epochs only some have room for it. */
function labelOf(results: readonly Result[], i: number): string {
  const accuracy = percent(results[i]!.evaluation.accuracy);
  if (results.length <= 5) return `epoch ${i + 1}: ${accuracy}`;
  return (results.length - 1 - i) % Math.ceil(results.length / 10) === 0 ? accuracy : "";
}

function epochTable(results: readonly Result[]): string {
  const rows = results.map((result, i) => {
    const { accuracy, evaluation, seconds } = result;
    const cells = [String(i + 1), meanLoss(result).toFixed(4), percent(accuracy), percent(evaluation.accuracy)];
    return `<tr>${[...cells, `${seconds.toFixed(2)} s`].map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const names = ["epoch", "mean loss", "training accuracy", "test accuracy", "training time"];
  return `<table><tr>${names.map((name) => `<th>${name}</th>`).join("")}</tr>\n${rows.join("\n")}</table>`;
}

function digit({ index, label, predicted, probability, probabilityOfLabel }: Mistake, test: Tensor): string {
  const image = toDataUrl(test.slice(index).data());
  return `<figure title="test image ${index}"><img src="${image}" alt="A ${label}" width="${SIDE}" height="${SIDE}">
<figcaption>true <b>${label}</b>, read <b class="read">${predicted}</b>
<small>${likelihood(probability)} sure;<br>${label} got ${likelihood(probabilityOfLabel)}</small></figcaption></figure>`;
}

/** A probability as a percentage that never claims to be certain. */
function likelihood(probability: number): string {
  if (probability < 0.00005) return "under 0.01 %";
  return probability > 0.99995 ? "over 99.99 %" : percent(probability);
}

/** Bytes of ink as a black image on nothing, so that it can be turned white in the dark. */
function toDataUrl(ink: ArrayLike<number>): string {
  const png = new PNG({ width: SIDE, height: SIDE });
  for (let i = 0; i < ink.length; i++) png.data[4 * i + 3] = ink[i]!;
  return `data:image/png;base64,${PNG.sync.write(png, { colorType: 4 }).toString("base64")}`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
