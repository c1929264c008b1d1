import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { IndexingSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { baseline, plain } = entrants;

const SETTINGS: readonly IndexingSetting[] = [
  { operation: "cumsum", rows: 1024, columns: 1024, axis: 1 },
  { operation: "cumsum", rows: 1024, columns: 1024, axis: 0 },
  { operation: "logcumsumexp", rows: 1024, columns: 1024, axis: 1 },
  { operation: "logcumsumexp", rows: 1024, columns: 1024, axis: 0 },
  { operation: "cat", rows: 1024, columns: 1024, axis: 0 },
  { operation: "cat", rows: 1024, columns: 1024, axis: 1 },
  { operation: "gather", rows: 1024, columns: 1024, axis: 1 },
  { operation: "gather", rows: 1024, columns: 1024, axis: 0 },
  { operation: "scatterAdd", rows: 1024, columns: 1024, axis: 1 },
  { operation: "scatterAdd", rows: 1024, columns: 1024, axis: 0 },
  { operation: "scatter", rows: 1024, columns: 1024, axis: 1 },
  { operation: "scatter", rows: 1024, columns: 1024, axis: 0 },
  { operation: "sort", rows: 1, columns: 1e6, axis: 1 },
  { operation: "sort", rows: 1024, columns: 1024, axis: 1 },
  { operation: "sort", rows: 16384, columns: 32, axis: 1 },
  { operation: "topk", rows: 100, columns: 1e4, axis: 1 },
  { operation: "searchsorted", rows: 1, columns: 2e5, axis: 1 },
  { operation: "cross", rows: 1e5, columns: 3, axis: 1 },
  { operation: "cdist", rows: 1000, columns: 3, axis: 1 },
  { operation: "cdist", rows: 300, columns: 300, axis: 1 },
];

/** Elements that are moved, run up, put in order and found along an axis, and differences between rows. */
export const indexing: Suite = {
  name: "indexing",
  about: "moves, running sums, order and search, and distances, f32; sorts give places too, those of plain JS do not",
  async *run({ effort, wants, note }) {
    const contestants = await enter([baseline, plain], note);
    try {
      for (const setting of SETTINGS) {
        const { operation, rows, columns, axis } = setting;
        const name = `${operation} ${rows}x${columns} axis ${axis}`;
        if (!wants(name)) continue;
        const laps = await race("indexing", setting, contestants, effort, note);
        for (const label of disagreeing(laps, plain.label, 1e-4)) note(`${name}: ${label} has another result`);
        const elements = rows * columns * (operation === "cdist" ? rows : 1);
        const figures = (label: string) => figuresOf(laps, [label], (seconds) => elements / seconds / 1e9);
        yield {
          bench: "indexing",
          case: name,
          unit: "Gelem/s",
          lowerIsBetter: false,
          subjects: figures(baseline.label).map(({ samples }) => ({ label: "", samples })),
          references: figures(plain.label),
        };
      }
    } finally {
      dismiss(contestants);
    }
  },
};
