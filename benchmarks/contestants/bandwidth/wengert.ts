// Contestant: Wengert as users have it, in what memory bounds. Argument: baseline or relaxed.
import { argMax, configure, info, logsumexp, max, prod, sum, tensor, variance, where, type Tensor } from "wengert";
import { allowRelaxedSimd } from "../../engine.js";
import { samplesOf } from "../../problems.js";
import { serve, type Work } from "../../serve.js";
import { operand, sizeOf, type TrafficSetting } from "../../memory-bound.js";

const build = process.argv[2] === "relaxed" ? "relaxed" : "baseline";
if (build === "relaxed") allowRelaxedSimd();
// The limits beside it are those of one core.
configure({ build, threads: 1 });
void serve(`Wengert, ${info().build} build`, { bandwidth });

function bandwidth(setting: TrafficSetting): Work {
  const { shape, dtype } = setting;
  const make = (seed: number, of: readonly number[]): Tensor =>
    tensor(operand(seed, sizeOf(of), dtype), { shape: [...of] });
  const x = make(1, shape);
  const call = calls(setting, x, (of) => make(2, of));
  return {
    run: () => call().dispose(),
    check: () => samplesOf(call().data()),
  };
}

function calls(
  { traffic, shape, axis = null }: TrafficSetting,
  x: Tensor,
  other: (shape: readonly number[]) => Tensor,
): () => Tensor {
  const [rows, columns] = shape as readonly [number, number];
  switch (traffic) {
    case "x + y": {
      const y = other(shape);
      return () => x.add(y);
    }
    case "x + scalar":
      return () => x.add(2);
    case "x + row": {
      const y = other([columns]);
      return () => x.add(y);
    }
    case "x + column": {
      const y = other([rows, 1]);
      return () => x.add(y);
    }
    case "x + transposed": {
      const y = other([columns, rows]).T;
      return () => x.add(y);
    }
    case "x < y": {
      const y = other(shape);
      return () => x.lt(y);
    }
    case "where": {
      const y = other(shape);
      const c = x.lt(y);
      return () => where(c, x, y);
    }
    case "last two axes exchanged": {
      const y = x.T;
      return () => y.copy();
    }
    case "channels last": {
      const y = x.permute([0, 2, 3, 1]);
      return () => y.copy();
    }
    case "sum":
      return () => sum(x, axis);
    case "max":
      return () => max(x, axis);
    case "argmax":
      return () => argMax(x, axis);
    case "prod":
      return () => prod(x, axis);
    case "variance":
      return () => variance(x, axis);
    case "logsumexp":
      return () => logsumexp(x, axis);
    case "sum of the transpose": {
      const y = x.T;
      return () => sum(y, axis);
    }
  }
}
