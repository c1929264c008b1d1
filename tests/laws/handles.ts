import { memory } from "../../bindings/index.js";
import { call, draw, dtypesOf, tensorsOf, type Law } from "./row.js";

/** An operation keeps no handle of its own on its arguments or its result: once these are disposed of, nothing is left. */
export const handleLaw: Law = {
  name: "nothing is left once all is disposed of",
  appliesTo: ({ primitive }) => primitive.samples().some(({ inputs }) => inputs.length > 0),
  check(row, random) {
    for (const sample of row.primitive.samples()) {
      const values = draw(sample, random);
      const once = (): number => {
        const before = memory().tensors;
        const inputs = tensorsOf(values, dtypesOf(sample, "f64"));
        const y = call(row, inputs, sample.params);
        y.dispose();
        for (const x of inputs) x.dispose();
        return memory().tensors - before;
      };
      once(); // Constants are made once, and kept.
      const left = once();
      if (left !== 0) throw new Error(`${row.name}: ${left} tensors are left`);
    }
  },
};
