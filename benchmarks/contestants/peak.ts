// Contestant: the limit of the machine itself, in 128-bit vectors.
import { allowRelaxedSimd } from "../engine.js";
import { makePeak } from "../peak.js";
import { serve } from "../serve.js";

allowRelaxedSimd();
await serve("128-bit peak", {
  // Its operations are floating-point ones.
  peak: ({ dtype, relaxed }: { dtype: "f32" | "f64"; relaxed: boolean }) => {
    const { flops, run } = makePeak(dtype, relaxed);
    return { run, operations: flops };
  },
});
