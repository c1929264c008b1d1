import { disagreeing, race, type Lap } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { Outcome } from "../report.js";
import { figuresOf, type Suite } from "../suite.js";
import { bytesOf, writes, type Traffic, type TrafficSetting } from "../memory-bound.js";

const { trafficRelaxed, trafficBaseline, trafficPlain, memoryCopy, memoryRead, tfjs } = entrants;
const OWN = [trafficRelaxed, trafficBaseline];
const OTHERS = [trafficPlain, tfjs];

/** Whose numbers count: the first that takes part. */
const REFERENCES = [trafficPlain.label, tfjs.label, trafficBaseline.label];

/** Of sums of a million numbers in f32, relative to 1 + their size. */
const TOLERANCE = 1e-3;

/** What memory bounds: elementwise work, transpositions, reductions; and their share of what memory gives. */
export const bandwidth: Suite = {
  name: "bandwidth",
  about: "elementwise work, transpositions and reductions; beside memory.copy and a loop that only reads",
  async *run({ effort, wants, note }) {
    const contestants = await enter([...OWN, memoryCopy, memoryRead, ...OTHERS], note);
    try {
      for (const setting of settings()) {
        if (!wants(nameOf(setting))) continue;
        const limit = writes(setting) ? memoryCopy : memoryRead;
        const racing = contestants.filter(({ label }) => label === limit.label || !isLimit(label));
        const laps = await race("bandwidth", setting, racing, effort, note);
        const reference = REFERENCES.find((label) => laps.some((lap) => lap.label === label)) ?? "";
        for (const label of disagreeing(laps, reference, TOLERANCE))
          note(`${nameOf(setting)}: ${label} has another result`);
        yield outcomeOf(setting, laps);
      }
    } finally {
      dismiss(contestants);
    }
  },
};

function isLimit(label: string): boolean {
  return label === memoryCopy.label || label === memoryRead.label;
}

function* settings(): Iterable<TrafficSetting> {
  const elementwise: readonly Traffic[] = [
    ...(["x + y", "x + scalar", "x + row", "x + column", "x + transposed", "x < y", "where"] as const),
  ];
  for (const traffic of elementwise) yield { traffic, shape: [1000, 1000], dtype: "f32" };
  for (const dtype of ["f64", "i32"] as const) yield { traffic: "x + y", shape: [1000, 1000], dtype };
  for (const traffic of ["x + row", "x + column"] as const) yield { traffic, shape: [100000, 10], dtype: "f32" };
  for (const shape of [
    [1024, 1024],
    [1001, 1001],
    [64, 128, 128],
    [1000, 32, 32],
  ])
    yield { traffic: "last two axes exchanged", shape, dtype: "f32" };
  yield { traffic: "last two axes exchanged", shape: [1024, 1024], dtype: "f64" };
  yield { traffic: "channels last", shape: [32, 16, 28, 28], dtype: "f32" };
  for (const axis of [0, 1, null]) yield { traffic: "sum", shape: [1024, 1024], dtype: "f32", axis };
  for (const axis of [0, 1]) yield { traffic: "sum of the transpose", shape: [1024, 1024], dtype: "f32", axis };
  for (const traffic of ["max", "argmax", "prod", "variance", "logsumexp"] as const) {
    for (const axis of [0, 1]) yield { traffic, shape: [1024, 1024], dtype: "f32", axis };
  }
}

function nameOf({ traffic, shape, dtype, axis }: TrafficSetting): string {
  const over = axis === undefined ? "" : axis === null ? " over all" : ` over axis ${axis}`;
  return `${traffic}${over} [${shape.join(", ")}] ${dtype}`;
}

function outcomeOf(setting: TrafficSetting, laps: readonly Lap[]): Outcome {
  const rate = (seconds: number): number => bytesOf(setting) / seconds / 1e9;
  const figures = (labels: readonly string[]) => figuresOf(laps, labels, rate);
  return {
    bench: "bandwidth",
    case: nameOf(setting),
    unit: "GB/s",
    lowerIsBetter: false,
    subjects: figures(OWN.map(({ label }) => label)),
    references: figures([memoryCopy, memoryRead, ...OTHERS].map(({ label }) => label)),
  };
}
