import { expect, test } from "vitest";
import {
  checkpoint,
  dropout,
  Generator,
  grad,
  hvp,
  jvp,
  matmul,
  memory,
  scope,
  tanh,
  tensor,
  type Tensor,
} from "../../bindings/index.js";
import { Random } from "../support/random.js";

const DEPTH = 8;
const SEGMENT = 2;

function noise(name: string, ...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(Float64Array.from(new Random(name).spread(size, -0.5, 0.5)), { shape });
}

type Segment = (h: Tensor, ...weights: Tensor[]) => Tensor;

/** A deep network in segments, each wrapped, with or without dropout: its loss. */
function network(x: Tensor, wrap: (segment: Segment) => Segment, generator?: Generator): (weights: Tensor[]) => Tensor {
  const segment = wrap((h, ...list) =>
    list.reduce((y, w) => {
      const z = tanh(matmul(y, w));
      return generator ? dropout(z, 0.3, { generator }) : z;
    }, h),
  );
  return (weights) => {
    let h = x;
    for (let i = 0; i < DEPTH; i += SEGMENT) h = segment(h, ...weights.slice(i, i + SEGMENT));
    return h.square().sum();
  };
}

const plain = (segment: Segment): Segment => segment;
const weights = Array.from({ length: DEPTH }, (_, i) => noise(`w${i}`, 16, 16));
const x = noise("x", 12, 16);

test("with dropout inside, derivatives are those without a checkpoint, to the bit", () => {
  const derivatives = (wrap: (segment: Segment) => Segment): unknown[] => {
    const loss = (seed: number) => network(x, wrap, new Generator(seed));
    return [
      grad(loss(1))(weights).map((g) => g.toArray()),
      jvp(loss(2), [weights], [weights])[1].toArray(),
      hvp(loss(3), [weights], [weights])[0].map((g) => g.toArray()),
    ];
  };
  expect(derivatives(checkpoint)).toEqual(derivatives(plain));
});

test("takes less memory than the plain network", () => {
  const rows = noise("many", 600, 16);
  const most = (wrap: (segment: Segment) => Segment): number => {
    const before = memory().bytes;
    let high = 0;
    // What is held when the last segment is done: the adjoints are made of it.
    scope(() => {
      const loss = (list: Tensor[]): Tensor => {
        const y = network(rows, wrap)(list);
        high = memory().bytes - before;
        return y;
      };
      grad(loss)(weights);
    });
    return high;
  };
  expect(most(checkpoint)).toBeLessThan(0.4 * most(plain));
});
