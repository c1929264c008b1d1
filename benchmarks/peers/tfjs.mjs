// Contestant: TensorFlow.js with its WebAssembly backend, 128-bit vectors, one thread.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import * as problems from "../problems.ts";
import { serve } from "../serve.ts";
import * as traffic from "../memory-bound.ts";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs"); // The core alone has no gradients in Node.
const wasm = require("@tensorflow/tfjs-backend-wasm");
tf.enableProdMode();
tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
wasm.setWasmPaths(dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + "/");
if (!(await tf.setBackend("wasm"))) throw new Error("its WebAssembly backend did not start");

void serve(`TensorFlow.js ${tf.version.tfjs}, WebAssembly backend, one thread`, {
  matmul: product,
  "mnist-step": step,
  "eager-overhead": overhead,
  rows,
  bandwidth,
});

function product(setting) {
  const { m, k, n, transposeA, transposeB, dtype } = setting;
  if (dtype === "f64") return "has no f64";
  const data = problems.matmulData(setting);
  const a = tf.tensor(data.a, transposeA ? [k, m] : [m, k]);
  const b = tf.tensor(data.b, transposeB ? [n, k] : [k, n]);
  return {
    run: () => tf.matMul(a, b, transposeA, transposeB).dispose(),
    check: () => tf.tidy(() => problems.samplesOf(tf.matMul(a, b, transposeA, transposeB).dataSync())),
    end: () => tf.dispose([a, b]),
  };
}

function rows(setting) {
  const data = problems.rowsData(setting);
  const shape = [setting.rows, setting.columns];
  const x = tf.tensor(data.x, shape);
  const target = tf.oneHot(tf.tensor1d(data.classes, "int32"), setting.columns).cast("float32");
  const losses = (y) => tf.losses.softmaxCrossEntropy(target, y, undefined, undefined, tf.Reduction.NONE);
  const gradient = tf.grad((y) => tf.losses.softmaxCrossEntropy(target, y));
  const works = {
    exp: () => tf.exp(x),
    softmax: () => tf.softmax(x),
    logSoftmax: () => tf.logSoftmax(x),
    crossEntropy: () => losses(x),
    "crossEntropy gradient": () => gradient(x),
    uniform: () => tf.randomUniform(shape),
    normal: () => tf.randomNormal(shape),
  };
  const compute = works[setting.operation];
  if (!compute) return "has no such operation";
  const random = setting.operation === "uniform" || setting.operation === "normal";
  return {
    run: () => tf.dispose(tf.tidy(compute)),
    check: () => (random ? [] : tf.tidy(() => problems.samplesOf(compute().dataSync()))),
    end: () => tf.dispose([x, target]),
  };
}

function step(setting) {
  const { inputs, hidden, outputs } = problems.LAYERS;
  const data = problems.stepData(setting);
  const x = tf.tensor(data.x, [setting.batch, inputs]);
  const target = tf.oneHot(tf.tensor1d(data.classes, "int32"), outputs).cast("float32");
  const w1 = tf.variable(tf.tensor(problems.transpose(data.w1, hidden, inputs), [inputs, hidden]));
  const b1 = tf.variable(tf.tensor(data.b1));
  const w2 = tf.variable(tf.tensor(problems.transpose(data.w2, outputs, hidden), [hidden, outputs]));
  const b2 = tf.variable(tf.tensor(data.b2));
  const optimizer = tf.train.momentum(problems.LEARNING_RATE, problems.MOMENTUM);
  const loss = () => {
    const h = tf.relu(tf.add(tf.matMul(x, w1), b1));
    return tf.losses.softmaxCrossEntropy(target, tf.add(tf.matMul(h, w2), b2));
  };
  const train = (wantsLoss) => tf.tidy(() => optimizer.minimize(loss, wantsLoss, [w1, b1, w2, b2])?.dataSync()[0]);
  return {
    run: () => train(false),
    check: () => Array.from({ length: problems.CHECKED_STEPS }, () => train(true)).slice(-1),
    end: () => tf.dispose([x, target, w1, b1, w2, b2]),
  };
}

const OPERATIONS = 100;

function overhead({ tracked, owner }) {
  if (tracked) return "tracks inside tf.grad only";
  const x = tf.tensor(Float32Array.from(problems.noise(1, 16)));
  const y = tf.tensor(Float32Array.from(problems.noise(2, 16)));
  const check = () => problems.samplesOf(tf.tidy(() => tf.add(x, y).dataSync()));
  if (owner === "dispose") return { check, run: () => tf.add(x, y).dispose() };
  if (owner === "collector") return "collects nothing";
  const repeat = () => {
    for (let i = 0; i < OPERATIONS; i++) tf.add(x, y);
  };
  return { check, operations: OPERATIONS, run: () => tf.tidy(repeat) };
}

/** What memory bounds; reductions, and elementwise work in f32. */
function bandwidth({ traffic: what, shape, dtype, axis }) {
  if (dtype !== "f32") return "f32 alone";
  const make = (seed, of) => tf.tensor(traffic.operand(seed, traffic.sizeOf(of), dtype), of);
  const [rows, columns] = shape;
  const x = make(1, shape);
  const other = { "x + y": shape, "x + row": [columns], "x + column": [rows, 1], "x < y": shape }[what];
  const y = other ? make(2, other) : null;
  const call = {
    "x + y": () => tf.add(x, y),
    "x + row": () => tf.add(x, y),
    "x + column": () => tf.add(x, y),
    "x + scalar": () => tf.add(x, 2),
    "x < y": () => tf.less(x, y),
    "last two axes exchanged": () =>
      tf.transpose(x, shape.length === 2 ? [1, 0] : [0, 2, 1]),
    "channels last": () => tf.transpose(x, [0, 2, 3, 1]),
    sum: () => tf.sum(x, axis),
    max: () => tf.max(x, axis),
    argmax: () => tf.argMax(x, axis),
    prod: () => tf.prod(x, axis),
    logsumexp: () => tf.logSumExp(x, axis),
  }[what];
  if (!call) return "not written";
  return {
    run: () => tf.tidy(() => tf.dispose(call())),
    check: () => tf.tidy(() => problems.samplesOf(call().dataSync())),
    end: () => tf.dispose(y ? [x, y] : [x]),
  };
}
