import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arange,
  argMax,
  compile,
  crossEntropy,
  customGradient,
  FormatError,
  Generator,
  grad,
  gather,
  load,
  memory,
  ones,
  parameter,
  scope,
  softmax,
  sort,
  sum,
  tensor,
  ValueError,
  type Variable,
  variable,
  WengertError,
  type Tensor,
} from "../../bindings/index.js";
import { pack, unpack } from "../../bindings/compile/file/container.js";
import { apply } from "../../bindings/core/running/apply.js";
import { mapTree, tensorsOf } from "../../bindings/core/tree.js";
import { Linear, Sequential, Tanh } from "../../bindings/nn/index.js";
import { Adam } from "../../bindings/optim/index.js";
import { draw, dtypesOf, rows, tensorsOf as rowTensors } from "../laws/row.js";
import { RUNS } from "../support/arbitrary.js";
import { checkSame } from "../support/compare.js";
import { toPlain } from "../support/plain.js";
import { Random } from "../support/random.js";
import { expectRefused, wrong } from "../support/refusal.js";

const plain = (tree: unknown): unknown => mapTree(tree, (leaf) => (typeof leaf === "number" ? leaf : leaf.toArray()));
const x = tensor([[1, -2, 3], [0.5, 5, -6]]); // prettier-ignore

const functions: Readonly<Record<string, (a: Tensor) => unknown>> = {
  "views, constants and special numbers": (a) => [
    a.T,
    a.slice(1),
    a.mul(-0),
    a.div(0),
    { z: a.sub(Infinity), n: null, u: undefined, s: "s" },
  ],
  "products and reductions": (a) => [a.matmul(a.T), a.sum(0), a.max(1), a.prod(), argMax(a, 1)],
  "rows, order and indices": (a) => [softmax(a), sort(a), gather(a, 1, tensor([[0, 2], [1, -1]], { dtype: "i32" }))], // prettier-ignore
  "a gradient": (a) => grad((b: Tensor) => sum(b.tanh().mul(b)))(a),
  "nothing, turned round": (a) => a.slice([0, 0]).mul(2).flip(1).add(1),
  "arguments and nothing": (a) => ({ a, list: [] }),
};

for (const [what, f] of Object.entries(functions)) {
  test(`a loaded program has the bits of the one that was saved: ${what}`, () => {
    const program = compile(f, { name: what });
    const loaded = load<[Tensor], unknown>(program.save(x));
    const other = x.mul(-1.5);
    for (const given of [x, other, x]) expect(plain(loaded(given))).toEqual(plain(program(given)));
    expect(loaded.explain()).toContain("captured");
    expect(load(loaded.save())(x)).toBeDefined();
    loaded.dispose();
  });
}

const wide = tensor(Array.from({ length: 40 }, (_, i) => Math.sin(i)), { shape: [5, 8] }); // prettier-ignore
const views: Readonly<Record<string, Tensor>> = {
  columns: wide.slice("...", [2, 5]),
  steps: wide.slice([null, null, 2], [1, null, 3]),
  "rows in reverse order": wide.slice([null, null, -1]),
  "steps backwards, turned": wide.slice([null, null, -2], [null, null, -3]).T,
  "one row for all": wide.slice(1).expand([3, 8]),
  nothing: wide.slice([2, 2], [null, null, 2]),
};

for (const [what, view] of Object.entries(views)) {
  test(`a program that was saved for a view can be loaded: ${what}`, () => {
    const f = (a: Tensor): Tensor[] => [
      a.sin(),
      a.T.matmul(a),
      a.slice([null, null, -1]).add(a),
      a.slice([0, 1]).sum(1),
    ];
    const program = compile(f);
    const bytes = program.save(view);
    const loaded = load<[Tensor], Tensor[]>(bytes);
    expect(plain(loaded(view))).toEqual(plain(program(view)));
    expect(loaded.save(view)).toEqual(bytes);
  });
}

test("a view in a file that reaches beyond maxBytes, or beyond the argument, is refused", () => {
  const refuses = (argument: Tensor, from: string, to: string): void => {
    const { text, blocks } = unpack(compile((a: Tensor) => a.sin()).save(argument));
    expect(text).toContain(from);
    const bytes = pack(text.replace(from, to), [blocks.slice()]);
    expectRefused(() => load(bytes, { maxBytes: 2 ** 24 }), FormatError, /^load: expected/);
  };
  const steps = views["steps"]!;
  for (const strides of ["[5000000,3]", "[16,-5000000]", "[16]", "[9007199254740991,9007199254740991]"]) {
    refuses(x, '"strides":null', `"strides":${strides}`);
    refuses(steps, '"strides":[16,3]', `"strides":${strides}`);
  }
  // An operand: its value, shape, strides and offset.
  for (const operand of ["[17,3],0", "[16,4],0", "[-16,3],0", "[16,3],1", "[16,3],-1"])
    refuses(steps, "[[0,[3,3],[16,3],0]]", `[[0,[3,3],${operand}]]`);
});

/** As Node's Buffer, which files are read into. */
class Uncopied extends Uint8Array {
  override slice(from?: number, to?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(from, to);
  }
}

test("bytes whose slices are no copies are a program like others, wherever they begin", () => {
  const w = parameter([4, 5, 6], { label: "w" });
  const program = compile((a: Tensor) => a.mul(w).add(tensor([1, 2, 3])));
  const bytes = program.save(x);
  const longer = new Uncopied([0, 0, 0, ...bytes, 0, 0]);
  for (const given of [new Uncopied([...bytes]), longer.subarray(3, bytes.length + 3)]) {
    const loaded = load<[Tensor], Tensor>(given);
    expect(plain(loaded(x))).toEqual(plain(program(x)));
    expect(plain(loaded.variables[0]!)).toEqual([4, 5, 6]);
    given.fill(0);
    expect(plain(loaded(x))).toEqual(plain(program(x)));
  }
});

test("to load a program takes no room for its arguments", () => {
  const { text, blocks } = unpack(compile((a: Tensor) => a.slice(1).exp()).save(ones([3])));
  const bytes = pack(text.replaceAll('"shape":[3]', '"shape":[16000000]'), [blocks.slice()]);
  const before = memory().highWater;
  const loaded = load(bytes);
  expect(memory().highWater - before).toBeLessThan(2 ** 16);
  expect(String(loaded)).toContain("f32 [16000000]");
  loaded.dispose();
});

test.each(rows)("every operation can be saved: $name", ({ name: what, primitive }) => {
  for (const [i, sample] of primitive.samples().entries()) {
    for (const dtype of ["f32", "f64"] as const) {
      scope(() => {
        const given = rowTensors(draw(sample, new Random(`saved ${what} ${i}`), dtype), dtypesOf(sample, dtype));
        const program = compile((...xs: Tensor[]) => apply(primitive, xs, sample.params));
        const loaded = load<Tensor[], Tensor>(program.save(...given));
        checkSame(what, toPlain(loaded(...given)), toPlain(program(...given)));
        loaded.dispose();
        program.dispose();
      });
    }
  }
});

test("a training step goes on where it was, with variables of its own", () => {
  const model = new Sequential(new Linear(3, 5), new Tanh(), new Linear(5, 3));
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  const step = compile((a: Tensor, b: Tensor): Tensor => {
    optimizer.zeroGrad();
    const loss = crossEntropy(model(a), b);
    loss.backward();
    optimizer.step();
    return loss;
  });
  const target = tensor([2, 0], { dtype: "i32" });
  step(x, target);
  const loaded = load<[Tensor, Tensor], Tensor>(step.save());
  expect(loaded.variables.length).toBeGreaterThan(4);
  for (let i = 0; i < 3; i++) expect(loaded(x, target).item()).toBe(step(x, target).item());
  const [ours] = tensorsOf(model.parameters());
  const theirs = loaded.variables.find(
    ({ label, shape }) => label === (ours as Variable).label && shape.join() === ours!.shape.join(),
  );
  expect(theirs!.toArray()).toEqual(ours!.toArray());
  expect(theirs!.grad!.toArray()).toEqual(ours!.grad!.toArray());
});

test("numbers, arrays, records, draws and gradients that add up are saved, too", () => {
  const generator = new Generator(7);
  const w = parameter([1, 2, 3], { label: "w" });
  const program = compile((a: { v: Tensor; k: Tensor }, b: Tensor) => {
    const y = sum(
      a.v
        .mul(a.k)
        .add(generator.normal([3]))
        .mul(w)
        .add(b),
    );
    y.backward();
    return { y };
  });
  const given = [{ v: new Float32Array([1, 2, 3]), k: 2.5 }, tensor([4, 5, 6])] as const;
  sum(w.mul(0)).backward();
  const bytes = program.save(...given);
  const loaded = load<[unknown, unknown], { y: Tensor }>(bytes);
  const other = loaded.variables.find(({ label }) => label === "w")!;
  expectRefused(() => loaded(...given), ValueError, /gradients as they were/);
  sum(other.mul(0)).backward();
  for (let i = 0; i < 3; i++) expect(plain(loaded(...given))).toEqual(plain(program(...given)));
  expect(other.grad!.toArray()).toEqual(w.grad!.toArray());
});

test("what cannot be saved, and arguments that were not saved for, are refused", () => {
  const cube = customGradient((a: Tensor) => a.pow(3), { vjp: (g) => g.mul(2) });
  const custom = compile((a: Tensor) => grad((b: Tensor) => sum(cube(b)))(a));
  expect(plain(load(custom.save(x))(x))).toEqual(plain(custom(x))); // It is operations of the library by then.
  class Unknown {}
  const unknown = compile((_: Tensor, __: Unknown) => new Unknown());
  const argument: Unknown = new Unknown();
  unknown(x, wrong(argument));
  expectRefused(() => unknown.save(x, wrong(argument)), ValueError, /save: expected/);
  const loaded = load(compile((a: Tensor) => a.add(1)).save(x));
  const four = ones([4]);
  expectRefused(() => loaded(four), ValueError, /saved for, \[f32 \[2, 3\]\], got \[f32 \[4\]\]/);
  const rows = load(compile((a: Tensor) => a.add(1)).save(wide.slice([null, null, 2])));
  const others = wide.slice([2, null]);
  expectRefused(() => rows(others), ValueError, /view of strides \[16, 1\]\], got \[f32 \[3, 8\]\]$/);
});

test("bytes that were cut or changed are refused, and so are other versions", () => {
  const bytes = compile((a: Tensor) => a.mul(2).add(tensor([1, 2, 3]))).save(x);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = bytes.slice();
      changed[at] = changed[at]! ^ change;
      expectRefused(() => load(changed), FormatError, /load: expected/);
      expectRefused(() => load(bytes.slice(0, at)), FormatError, /load: expected/);
    }),
    { ...RUNS, numRuns: 60 },
  );
  expectRefused(() => load(wrong("text")), FormatError, /saved program/);
  const later = bytes.slice();
  later[4] = 2;
  expectRefused(() => load(later), FormatError, /version 1, got version 2/);
  const large = compile((a: Tensor) => a.expand([1000, 2, 3]).add(a)).save(x);
  expectRefused(() => load(large, { maxBytes: 1000 }), FormatError, /maxBytes/);
});

/** A program with something of everything. */
function various(): Uint8Array {
  const [w, generator] = [variable([1, 2, 3], { label: "w" }), new Generator(3)];
  const step = compile((a: Tensor, k: number) => {
    const picked = gather(a.mul(k), 1, tensor([[0, 2], [1, -1]], { dtype: "i32" })); // prettier-ignore
    const y = softmax(a.matmul(a.T))
      .add(picked)
      .add(generator.normal([2, 2]));
    w.assign(a.sum(0));
    return [y, a.T.reshape([6]).add(arange(6)), a.cumsum(1), a.slice([0, 1]).eq(w)];
  });
  return step.save(x, 2);
}

test("a hostile file is refused, or is another program: it never harms", () => {
  const parts = unpack(various());
  const blocks = [parts.blocks.slice()];
  const original = JSON.parse(parts.text) as unknown;
  const places = placesOf(original);
  const canaries = Array.from({ length: 8 }, (_, i) => tensor(Array.from({ length: 16 }, (_, k) => i * 100 + k)));
  const values = canaries.map((canary) => canary.toArray());
  const replacement = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      -1,
      0,
      1,
      2,
      3,
      7,
      64,
      1e3,
      1e9,
      2 ** 31,
      2 ** 53,
      1.5,
      -0.5,
      "f64",
      "i32",
      "bool",
      "matmul",
      "embed",
      "where",
      "sgd",
      "__proto__",
      [],
      {},
      { number: "NaN" },
    ),
    fc.nat(places.length - 1).map((at) => places[at]!.value),
  );
  let loadedOnes = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(places.length - 1), replacement), { minLength: 1, maxLength: 3 }),
      (changes) => {
        const changed = structuredClone(original);
        for (const [at, value] of changes) replace(changed, places[at]!.path, structuredClone(value));
        const bytes = pack(JSON.stringify(changed), blocks);
        const before = memory();
        try {
          scope(() => {
            const program = load(bytes, { maxBytes: 2 ** 24 });
            loadedOnes++;
            try {
              for (const y of tensorsOf(program(x, 2))) y.data();
            } finally {
              program.dispose();
            }
          });
        } catch (error) {
          if (!(error instanceof WengertError)) throw error;
          expect(memory().bytes).toBeLessThanOrEqual(before.bytes + 2 ** 16);
        }
        expect(canaries.map((canary) => canary.toArray())).toEqual(values);
      },
    ),
    { ...RUNS, numRuns: 600 },
  );
  expect(loadedOnes).toBeGreaterThan(10);
});

interface Spot {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

function placesOf(tree: unknown, path: readonly (string | number)[] = []): Spot[] {
  const own = path.length > 0 ? [{ path, value: tree }] : [];
  if (typeof tree !== "object" || tree === null) return own;
  const parts = Object.entries(tree as Record<string, unknown>);
  return [...own, ...parts.flatMap(([key, part]) => placesOf(part, [...path, key]))];
}

function replace(tree: unknown, path: readonly (string | number)[], value: unknown): void {
  let at = tree as Record<string, unknown> | undefined;
  for (const key of path.slice(0, -1)) at = at?.[key] as Record<string, unknown> | undefined;
  if (typeof at === "object" && at !== null) at[path[path.length - 1]!] = value;
}
