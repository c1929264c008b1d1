import { expect, test } from "vitest";
import {
  cat,
  crossEntropy,
  Generator,
  matmul,
  parameter,
  sigmoid,
  sum,
  tanh,
  tensor,
  zeros,
  type Tensor,
} from "../../bindings/index.js";
import { capture } from "../../bindings/compile/capture/capture.js";
import { plan } from "../../bindings/compile/plan/plan.js";
import { simplify } from "../../bindings/compile/simplify/simplify.js";
import { peakOf } from "../../bindings/compile/show/peak.js";
import { verify } from "../support/verify.js";
import { Linear, ReLU, Sequential, type Module } from "../../bindings/nn/index.js";
import { Adam, SGD } from "../../bindings/optim/index.js";

function planOf(sizes: readonly number[], batch: number, Method: typeof SGD | typeof Adam) {
  const layers = sizes.slice(1).flatMap((units, i): Module[] => [new Linear(sizes[i]!, units), new ReLU()]);
  const model = new Sequential(...layers.slice(0, -1));
  const optimizer = new Method(model.parameters(), { lr: 0.1 });
  const step = (x: Tensor, y: Tensor): Tensor => {
    optimizer.zeroGrad();
    const loss = crossEntropy(model(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  const x = tensor(new Float32Array(batch * sizes[0]!), { shape: [batch, sizes[0]!] });
  const y = tensor(new Int32Array(batch));
  return plan(simplify(capture("step", step, [x, y], []).graph));
}

for (const [name, sizes, batch, method] of [
  ["an MLP", [784, 128, 10], 64, SGD],
  ["a wide MLP", [784, 512, 512, 10], 128, Adam],
  ["an MLP of 12 layers", [784, ...Array.from({ length: 11 }, (_, i) => 64 + 16 * i), 10], 32, SGD],
] as const) {
  test(`the slab of ${name} is no larger than what lives at a time needs`, () => {
    const made = planOf(sizes, batch, method);
    verify(made);
    expect(peakOf(made)).toBeGreaterThan(0);
    expect(made.bytes).toBeLessThanOrEqual(1.1 * peakOf(made));
  });
}

test("the slab of an LSTM over 50 steps likewise", () => {
  const generator = new Generator(1);
  const gates = Array.from({ length: 4 }, () => ({
    x: parameter(generator.normal([6, 10])),
    h: parameter(generator.normal([10, 10])),
    b: parameter(generator.normal([10])),
  }));
  const optimizer = new SGD(gates, { lr: 0.1 });
  const step = (xs: Tensor): Tensor => {
    optimizer.zeroGrad();
    let [h, c] = [zeros([3, 10]), zeros([3, 10])];
    for (let t = 0; t < 50; t++) {
      const [i, f, g, o] = gates.map(({ x, h: w, b }) => matmul(xs.slice(t), x).add(matmul(h, w)).add(b)) as Four;
      c = sigmoid(f)
        .mul(c)
        .add(sigmoid(i).mul(tanh(g)));
      h = sigmoid(o).mul(tanh(c));
    }
    const loss = sum(h.square());
    loss.backward();
    optimizer.step();
    return loss;
  };
  const made = plan(simplify(capture("lstm", step, [zeros([50, 3, 6])], []).graph));
  verify(made);
  expect(made.bytes).toBeLessThanOrEqual(1.1 * peakOf(made));
});
type Four = [Tensor, Tensor, Tensor, Tensor];

test("the slab of thousands of values, also of growing ones, likewise", () => {
  const f = (x: Tensor): Tensor => {
    let [y, longer, total] = [x, x, sum(x)];
    for (let i = 0; i < 1400; i++) {
      y = tanh(matmul(matmul(y, x), x));
      longer = cat([longer, x]);
      total = total.add(sum(longer)).add(sum(y));
    }
    return total;
  };
  const made = plan(simplify(capture("chain", f, [zeros([4, 4])], []).graph));
  verify(made);
  expect(made.graph.steps.length).toBeGreaterThan(5000);
  expect(made.bytes).toBeLessThanOrEqual(1.1 * peakOf(made));
});

test("the verifier finds values that overlap", () => {
  const made = planOf([8, 8, 4], 4, SGD);
  const slab = [...made.places].filter(([, place]) => place.kind === "slab");
  const broken = slab.filter(([value]) => {
    const places = new Map(made.places);
    for (const [other] of slab) if (other !== value) places.set(value, made.places.get(other)!);
    try {
      verify({ ...made, places });
      return false;
    } catch {
      return true;
    }
  });
  expect(broken.length).toBeGreaterThan(slab.length / 2);
});
