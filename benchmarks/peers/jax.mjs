// Contestant: jax-js with its WebAssembly backend, which has one thread in Node; relaxed multiply-add where it uses it.
import { readFileSync } from "node:fs";
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { allowRelaxedSimd } from "../engine.ts";
import * as problems from "../problems.ts";
import { serve } from "../serve.ts";

allowRelaxedSimd();
await init("wasm");
defaultDevice("wasm");
const manifest = new URL("./node_modules/@jax-js/jax/package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, "utf8"));

void serve(`jax-js ${version}, WebAssembly backend, one thread`, {
  matmul: product,
  "mnist-step": step,
  "eager-overhead": overhead,
});

const matrix = (values, rows, columns) => np.array(values).reshape([rows, columns]);

async function product(setting) {
  const { m, k, n, transposeA, transposeB, dtype } = setting;
  if (dtype === "f64" && typeof Float16Array === "undefined") return "takes f64 only where there is a Float16Array";
  const data = problems.matmulData(setting);
  const a = await blockUntilReady(matrix(data.a, transposeA ? k : m, transposeA ? m : k));
  const b = await blockUntilReady(matrix(data.b, transposeB ? n : k, transposeB ? k : n));
  const multiply = () => np.matmul(transposeA ? a.ref.transpose() : a.ref, transposeB ? b.ref.transpose() : b.ref);
  return {
    run: async () => (await multiply().blockUntilReady()).dispose(),
    check: async () => problems.samplesOf(await multiply().data()),
    end: () => [a, b].forEach((x) => x.dispose()),
  };
}

/** The whole step is one compiled function, as its users write it. */
function step(setting) {
  const { inputs, hidden, outputs } = problems.LAYERS;
  const data = problems.stepData(setting);
  const x = matrix(data.x, setting.batch, inputs);
  const target = nn.oneHot(np.array(data.classes, { dtype: np.int32 }), outputs);
  let parameters = {
    w1: matrix(problems.transpose(data.w1, hidden, inputs), inputs, hidden),
    b1: np.array(data.b1),
    w2: matrix(problems.transpose(data.w2, outputs, hidden), hidden, outputs),
    b2: np.array(data.b2),
  };
  let velocities = tree.map((p) => np.zeros(p.shape), parameters);
  const loss = ({ w1, b1, w2, b2 }, x, target) => {
    const h = nn.relu(np.matmul(x, w1).add(b1));
    const scores = np.matmul(h, w2).add(b2);
    return nn.logSoftmax(scores, -1).mul(target).sum(-1).mean().neg();
  };
  const update = jit((parameters, velocities, x, target) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), x, target);
    const moved = tree.map((v, g) => v.mul(problems.MOMENTUM).add(g), velocities, gradients);
    const next = tree.map((p, v) => p.sub(v.mul(problems.LEARNING_RATE)), parameters, tree.ref(moved));
    return [next, moved, value];
  });
  const train = async () => {
    const [next, moved, value] = update(parameters, velocities, x.ref, target.ref);
    [parameters, velocities] = await blockUntilReady([next, moved]);
    return value;
  };
  return {
    run: async () => (await train()).dispose(),
    check: async () => {
      let last = NaN;
      for (let i = 0; i < problems.CHECKED_STEPS; i++) last = (await (await train()).data())[0];
      return [last];
    },
  };
}

/** It computes when a value is waited for: without that, an operation would cost nothing. */
function overhead({ tracked, owner }) {
  if (tracked) return "tracks inside grad only";
  if (owner !== "dispose") return "counts references";
  const x = np.array(Float32Array.from(problems.noise(1, 16)));
  const y = np.array(Float32Array.from(problems.noise(2, 16)));
  return {
    check: async () => problems.samplesOf(await np.add(x.ref, y.ref).data()),
    run: async () => (await np.add(x.ref, y.ref).blockUntilReady()).dispose(),
  };
}
