// Contestant: Wengert as users have it. Argument: baseline or relaxed.
import { setImmediate } from "node:timers/promises";
import {
  cat,
  cdist,
  configure,
  crossEntropy,
  info,
  scope,
  searchsorted,
  sort,
  tensor,
  topk,
  zerosLike,
  type Tensor,
} from "wengert";
import { Linear, ReLU, Sequential } from "wengert/nn";
import { SGD } from "wengert/optim";
import { allowRelaxedSimd } from "../engine.js";
import * as problems from "../problems.js";
import { serve, type Work } from "../serve.js";
import { product } from "./wengert-matmul.js";
import { nn } from "./wengert-nn.js";
import { rows } from "./wengert-rows.js";

const build = process.argv[2] === "relaxed" ? "relaxed" : "baseline";
if (build === "relaxed") allowRelaxedSimd();
configure({ build, threads: 1 });
void serve(`Wengert, ${info().build} build`, {
  matmul: product,
  "mnist-step": step,
  "eager-overhead": overhead,
  indexing,
  rows,
  nn,
});

function step(setting: problems.StepSetting): Work {
  const { inputs, hidden, outputs } = problems.LAYERS;
  const data = problems.stepData(setting);
  const x = tensor(data.x, { shape: [setting.batch, inputs] });
  const classes = tensor(data.classes);
  const [first, last] = [new Linear(inputs, hidden), new Linear(hidden, outputs)];
  first.weight.assign(tensor(data.w1, { shape: [hidden, inputs] }));
  first.bias?.assign(data.b1);
  last.weight.assign(tensor(data.w2, { shape: [outputs, hidden] }));
  last.bias?.assign(data.b2);
  const model = new Sequential(first, new ReLU(), last);
  const optimizer = new SGD(model.parameters(), { lr: problems.LEARNING_RATE, momentum: problems.MOMENTUM });
  const train = (): Tensor => optimizer.minimize(() => crossEntropy(model(x), classes));
  return {
    run: () => train().dispose(),
    check: () => Array.from({ length: problems.CHECKED_STEPS }, () => train().item()).slice(-1),
  };
}

function indexing(setting: problems.IndexingSetting): Work {
  const { operation, rows, columns, axis } = setting;
  const data = problems.indexingData(setting);
  const x = tensor(data.x, { shape: [rows, columns] });
  const y = tensor(data.y, { shape: [rows, columns] });
  const index = tensor(data.index, { shape: [rows, columns] });
  const sequence = tensor(data.sequence);
  const zeros = zerosLike(x);
  const run: () => Tensor = {
    cumsum: () => x.cumsum(axis),
    logcumsumexp: () => x.logcumsumexp(axis),
    cat: () => cat([x, y], axis),
    gather: () => x.gather(axis, index),
    scatterAdd: () => zeros.scatterAdd(axis, index, x),
    scatter: () => zeros.scatter(axis, index, x),
    sort: () => sort(x, axis).values,
    topk: () => topk(x, problems.TOP, axis).values,
    searchsorted: () => searchsorted(sequence, x),
    cross: () => x.cross(y, axis),
    cdist: () => cdist(x, y),
  }[operation];
  return {
    run: () => scope(() => void run()),
    check: () => problems.samplesOf(scope(run).data()),
    end: () => [x, y, index, sequence, zeros].forEach((t) => t.dispose()),
  };
}

/** Operations in a scope: as many as a small training step has. */
const OPERATIONS = 100;

/** x + y of 16 numbers: next to nothing to compute. */
function overhead({ tracked, owner }: problems.OverheadSetting): Work {
  const x = tensor(Float32Array.from(problems.noise(1, 16)), { requiresGrad: tracked });
  const y = tensor(Float32Array.from(problems.noise(2, 16)));
  const check = (): number[] => problems.samplesOf(x.add(y).data());
  const operations = OPERATIONS;
  const repeat = (): void => {
    for (let i = 0; i < OPERATIONS; i++) x.add(y);
  };
  switch (owner) {
    case "scope":
      return { check, operations, run: () => scope(repeat) };
    case "dispose":
      return { check, operations: 1, run: () => x.add(y).dispose() };
    case "collector":
      // Nothing is collected before a task ends.
      return { check, operations, run: () => (repeat(), setImmediate()) };
  }
}
