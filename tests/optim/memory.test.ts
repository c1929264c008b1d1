import { afterEach, expect, test } from "vitest";
import { memory, parameter, zeros } from "../../bindings/index.js";
import * as optim from "../../bindings/optim/index.js";
import type { Optimizer } from "../../bindings/optim/index.js";

const SIZE = 1 << 14;
const BYTES = 4 * SIZE;

const methods: Record<string, (parameters: object) => Optimizer> = {
  SGD: (p) => new optim.SGD(p, { momentum: 0.9, nesterov: true, weightDecay: 0.1, maximize: true }),
  Adam: (p) => new optim.Adam(p, { weightDecay: 0.1, amsgrad: true, maximize: true }),
  NAdam: (p) => new optim.NAdam(p, { weightDecay: 0.1, maximize: true }),
  RAdam: (p) => new optim.RAdam(p, { weightDecay: 0.1, maximize: true }),
  Adagrad: (p) => new optim.Adagrad(p, { weightDecay: 0.1, maximize: true }),
  Adadelta: (p) => new optim.Adadelta(p, { weightDecay: 0.1, maximize: true }),
  RMSprop: (p) => new optim.RMSprop(p, { centered: true, momentum: 0.5, weightDecay: 0.1, maximize: true }),
  Adamax: (p) => new optim.Adamax(p, { weightDecay: 0.1, maximize: true }),
  Rprop: (p) => new optim.Rprop(p, { maximize: true }),
  ASGD: (p) => new optim.ASGD(p, { weightDecay: 0.1, maximize: true }),
  Lion: (p) => new optim.Lion(p, { weightDecay: 0.1, maximize: true }),
};

const cases = [
  ...Object.entries(methods),
  ...["SGD", "Adam", "RMSprop", "Lion"].map((name): [string, (parameters: object) => Optimizer] => [
    `${name} with scheduled momentum`,
    (p) => {
      const optimizer = methods[name]!(p);
      optimizer.groups[0]!.momentum = 0.8;
      return optimizer;
    },
  ]),
];

const collect = (globalThis as { gc?: () => void }).gc;
afterEach(() => collect?.());

test.each(cases)("a step of %s takes the room that it makes sure of, and gives it back", (_, make) => {
  const p = parameter(new Float32Array(SIZE));
  const optimizer = make(p);
  p.sum().backward();
  const { bytes, tensors, highWater } = memory();
  // From here on the high water rises with every byte.
  const filler = zeros([Math.max(1, Math.ceil((highWater - bytes) / 4))]);
  const before = memory();
  optimizer.step();
  const after = memory();
  const { roomFor } = optimizer as unknown as { roomFor(group: unknown): number };
  const peak = after.highWater - before.bytes;
  const room = roomFor.call(optimizer, optimizer.groups[0]);
  expect(peak, `${peak / BYTES} of ${room / BYTES}`).toBeLessThanOrEqual(room);
  expect(peak, `${peak / BYTES} of ${room / BYTES}`).toBeGreaterThan(room - 2 * BYTES);
  expect(after.bytes).toBe(before.bytes);
  filler.dispose();
  expect(memory()).toMatchObject({ bytes, tensors });
});
