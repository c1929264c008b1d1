import { disagreeing, race } from "../harness.js";
import { dismiss, enter, entrants } from "../line-up.js";
import type { IndexingSetting } from "../problems.js";
import { figuresOf, type Suite } from "../suite.js";

const { baseline, plain } = entrants;

const SETTINGS: readonly IndexingSetting[] = [
  { operation: "cumsum", rows: 1024, columns: 1024, axis: 1 },
  { operation: "cumsum", rows: 1024, columns: 1024, axis: 0 },
  { operation: "cat", rows: 1024, columns: 1024, axis: 0 },
  { operation: "cat", rows: 1024, columns: 1024, axis: 1 },
  { operation: "gather", rows: 1024, columns: 1024, axis: 1 },
  { operation: "gather", rows: 1024, columns: 1024, axis: 0 },
  { operation: "scatterAdd", rows: 1024, columns: 1024, axis: 1 },
  { operation: "scatterAdd", rows: 1024, columns: 1024, axis: 0 },
  { operation: "sort", rows: 1, columns: 1e6, axis: 1 },
  { operation: "sort", rows: 1024, columns: 1024, axis: 1 },
  { operation: "sort", rows: 16384, columns: 32, axis: 1 },
  { operation: "topk", rows: 100, columns: 1e4, axis: 1 },
];

/** Elements that are moved, run up and put in order along an axis. */
export const indexing: Suite = {
  name: "indexing",
  about: "cat, gather, scatterAdd, cumsum, sort, and topk of 10, f32; sorts give places too, those of plain JS do not",
  async *run({ effort, wants, note }) {
    const contestants = await enter([baseline, plain], note);
    try {
      for (const setting of SETTINGS) {
        const { operation, rows, columns, axis } = setting;
        const name = `${operation} ${rows}x${columns} axis ${axis}`;
        if (!wants(name)) continue;
        const laps = await race("indexing", setting, contestants, effort, note);
        for (const label of disagreeing(laps, plain.label, 1e-4)) note(`${name}: ${label} has another result`);
        const figures = (label: string) => figuresOf(laps, [label], (seconds) => (rows * columns) / seconds / 1e9);
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
