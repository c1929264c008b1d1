// How warm a day of the year is, and how sure one can be of it. Networks that each tell a mean and a deviation know how much
// days differ (Nix and Weigend 1994); where those that saw different days disagree, they do not know (Lakshminarayanan et al.
// 2017): in autumn, which is kept from them.
//   npx tsx examples/uncertainty.ts [--steps 600] [--claim 5] [--out out]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { compile, gaussianNllLoss, Generator, noGrad, seed, stack, tensor, type Tensor } from "wengert";
import { parseCsv, Standardizer } from "wengert/data";
import { Linear, ReLU, Sequential } from "wengert/nn";
import { Adam } from "wengert/optim";
import { draw, write } from "./chart.js";
import { ANY_FOLDER, ANY_SEED, choose, positive, whole } from "./options.js";

const chosen = choose("Learns how warm New York's days are, and how sure one can be of it.", {
  steps: whole(600, "training steps"),
  claim: positive(5, "how far from 90 % the days within the band may be"),
  seed: ANY_SEED,
  out: ANY_FOLDER,
});
const { steps: STEPS, claim: CLAIM, seed: SEED, out } = chosen;
const [MEMBERS, WIDTH, FROM, TO] = [8, 32, 244, 305];
const DEVIATIONS = 1.645; // on either side hold 90 % of a normal distribution

// The highest temperatures of New York's days in four years, by the npm package @observablehq/sample-datasets.
const path = createRequire(import.meta.url).resolve("@observablehq/sample-datasets/weather.csv");
const days = (await parseCsv(readFileSync(path)))
  .filter(({ location }) => location === "New York")
  .map(({ date, temp_max: warmth }) => {
    const day = (Date.parse(String(date)) - Date.parse(`${String(date).slice(0, 4)}-01-01`)) / 864e5;
    return { x: [day], y: [Number(warmth)] };
  });
const isAutumn = ({ x }: { x: number[] }): boolean => x[0]! >= FROM && x[0]! < TO;
const [autumn, others] = [days.filter(isAutumn), days.filter((day) => !isAutumn(day))];
const [training, test] = others.split([0.7, 0.3], { seed: SEED }) as [typeof days, typeof days];

seed(SEED);
const { x, y } = training.all();
const [dayScale, warmthScale] = [new Standardizer(x), new Standardizer(y)];
const build = (): Sequential =>
  new Sequential(new Linear(1, WIDTH), new ReLU(), new Linear(WIDTH, WIDTH), new ReLU(), new Linear(WIDTH, 2));
const members = Array.from({ length: MEMBERS }, build);

/** What members say of scaled days, [n, 1] or [members, n, 1]: mean and variance of their scaled warmth, [members, n, 1]. */
function said(day: Tensor): { means: Tensor; variances: Tensor } {
  const all = stack(members.map((member, i) => member(day.rank === 3 ? day.slice(i) : day)));
  return { means: all.slice("...", [0, 1]), variances: all.slice("...", [1, 2]).softplus().add(1e-4) };
}
const optimizer = new Adam(
  members.map((member) => member.parameters()),
  { lr: 0.01 },
);
const step = compile((day: Tensor, warmth: Tensor) =>
  optimizer.minimize(() => {
    const { means, variances } = said(day);
    return gaussianNllLoss(means, warmth, variances);
  }),
);

// Each member learns from as many days as there are, drawn with repetition (Breiman 1996).
const drawn = new Generator(SEED).integers(0, training.length, [MEMBERS * training.length]);
const resampled = (z: Tensor): Tensor => z.indexSelect(0, drawn).reshape([MEMBERS, training.length, 1]);
const [someDays, theirWarmth] = [resampled(dayScale.transform(x)), resampled(warmthScale.transform(y))];
for (let t = 1; t <= STEPS; t++) {
  const loss = step(someDays, theirWarmth).item();
  if (t % Math.ceil(STEPS / 3) === 0) console.log(`step ${String(t).padStart(5)}  loss ${loss.toFixed(4)}`);
}

/** Of days: the mean, the deviation of the weather, and that of the members' means, which is what they do not know; in °C. */
function foreseen(day: Tensor): { mean: number[]; weather: number[]; doubt: number[] } {
  return noGrad(() => {
    const { means, variances } = said(dayScale.transform(day));
    const inDegrees = (z: Tensor): number[] => z.mul(warmthScale.deviation).flatten().toArray() as number[];
    const mean = warmthScale.inverse(means.mean(0)).flatten().toArray() as number[];
    return { mean, weather: inDegrees(variances.mean(0).sqrt()), doubt: inDegrees(means.variance(0).sqrt()) };
  });
}

/** Which share of days lies within 90 %, and the mean doubt, in °C. */
function judge(name: string, some: typeof days): { share: number; doubt: number } {
  const { x, y } = some.all();
  const { mean, weather, doubt } = foreseen(x);
  const warmth = y.flatten().toArray() as number[];
  const inside = warmth.filter(
    (value, i) => Math.abs(value - mean[i]!) < DEVIATIONS * Math.hypot(weather[i]!, doubt[i]!),
  );
  const [share, meanDoubt] = [(100 * inside.length) / some.length, doubt.reduce((a, b) => a + b) / some.length];
  console.log(
    `${name.padEnd(9)}${some.length} days, ${share.toFixed(1)} % of them within 90 %; doubt ${meanDoubt.toFixed(2)} °C`,
  );
  return { share, doubt: meanDoubt };
}

console.log("");
const [known, unknown] = [judge("held out", test), judge("autumn", autumn)];
const [right, greater] = [Math.abs(known.share - 90) <= CLAIM, unknown.doubt > 1.3 * known.doubt];
console.log(
  `\nThe band is ${right ? "" : "not "}within ${CLAIM} % of what it says, and doubt ${greater ? "" : "not "}greater in autumn`,
);
if (!right || !greater) process.exitCode = 1;

const year = Array.from({ length: 365 }, (_, day) => day);
const { mean, weather, doubt } = foreseen(tensor(year.map((day) => [day])));
const band = (widths: (day: number) => number) =>
  year.map((day) => [day, mean[day]! - widths(day), mean[day]! + widths(day)] as const);
const dotsOf = (some: typeof days) => some.toArray().map(({ x, y }) => [x[0]!, y[0]!] as const);
const chart = {
  title: "How warm New York's days are",
  ...{ x: "day of the year", y: "highest temperature, °C" },
  bands: [
    { label: "90 % of days", points: band((day) => DEVIATIONS * Math.hypot(weather[day]!, doubt[day]!)) },
    { label: "two deviations of the networks", points: band((day) => 2 * doubt[day]!) },
  ],
  series: [
    { label: "held out", points: dotsOf(test), dots: true },
    { label: "autumn, never seen", points: dotsOf(autumn), dots: true },
    { label: "mean", points: year.map((day) => [day, mean[day]!] as const) },
  ],
};
write(`${out}/uncertainty.svg`, await draw(chart));
