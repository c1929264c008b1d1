// Evaluation traces: what the lecture's table holds, for scalars, tensors, trees, nested derivatives.
import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  grad,
  GradientError,
  memory,
  name,
  noGrad,
  parameter,
  scope,
  sin,
  tensor,
  ValueError,
  vmap,
  type Tensor,
} from "../../bindings/index.js";
import { Linear, Sequential, Tanh } from "../../bindings/nn/index.js";
import { trace, type Trace } from "../../bindings/viz/index.js";
import { expectRefused } from "../support/refusal.js";
import { f64 } from "../support/tensors.js";

const lecture = (x1: Tensor, x2: Tensor): Tensor => x1.log().add(x1.mul(x2)).sub(sin(x2));

/** A column of numbers, in the order of the rows. */
function column(found: Trace, of: (row: Trace["rows"][number]) => Tensor): number[] {
  return found.rows.map((row) => of(row).item());
}

describe("the lecture's function", () => {
  const found = trace(lecture, f64(2), f64(5));

  test("has its formulas, values, tangents, adjoints and partials", () => {
    expect(found.rows.map(({ name, formula }) => `${name} = ${formula}`)).toEqual([
      "v1 = x1",
      "v2 = x2",
      "v3 = ln v1",
      "v4 = v1 · v2",
      "v5 = v3 + v4",
      "v6 = sin v2",
      "v7 = v5 − v6",
    ]);
    const [ln, sine, cosine] = [0.6931471805599453, -0.9589242746631385, 0.28366218546322625];
    const close = (got: number[], wanted: number[]): void =>
      wanted.forEach((number, i) => expect(got[i]).toBeCloseTo(number, 13));
    close(
      column(found, ({ value }) => value),
      [2, 5, ln, 10, 10 + ln, sine, 10 + ln - sine],
    );
    close(
      column(found, ({ tangents }) => tangents["x2"]!),
      [0, 1, 0, 2, 2, cosine, 2 - cosine],
    );
    close(
      column(found, ({ adjoint }) => adjoint),
      [5.5, 2 - cosine, 1, 1, 1, -1, 1],
    );
    expect(found.outputs).toEqual({ y: "v7" });
    expect(Object.entries(found.row("v4")!.partials).map(([u, partial]) => [u, partial.item()])).toEqual([
      ["v1", 5],
      ["v2", 2],
    ]);
  });

  test("prints as the textbook's table", () => {
    expect(String(found)).toMatch(/^primal .* tangent v̇ = ∂v\/∂x1 .* adjoint v̄/);
    expect(String(found)).toMatch(/v1 = x1 .* v̄1 = 5.5 +v̄3 · 0.5 \+ v̄4 · 5 = 0.5 \+ 5\n/);
    expect(String(found)).toMatch(/\ny = v7 +11.652 +y\u0307 = 5.5 +y\u0307 = 1.7163 +y\u0304 = 1$/);
    expect(found.toString({ tangents: [] })).not.toContain("v̇");
  });

  test("has a line for a result that depends on nothing", () => {
    const constant = trace((x: Tensor) => ({ a: f64(3).add(0), b: x.mul(2) }), f64(1));
    expect(constant.outputs).toEqual({ "y.a": "v3", "y.b": "v2" });
    const row = constant.row("v3")!;
    expect([row.operation, row.formula, row.tangents["x1"]!.item(), row.adjoint.item()]).toEqual([
      "constant",
      "3",
      0,
      1,
    ]);
    expect(String(trace((_: Tensor) => f64(3).add(0), 1))).toMatch(/\ny = v2 +3 +y\u0307 = 0 +y\u0304 = 1$/);
  });

  test("is aligned: each column begins at one place", () => {
    const places = String(found)
      .normalize("NFC")
      .split("\n")
      .map((line) => line.replaceAll(/\p{Mn}/gu, "").search(/ [vy]?̄?[vy]\d* = [−\d.]+(?: +v[3-7] · .*)?$/));
    expect(new Set(places.filter((place) => place > 0)).size).toBe(1);
  });

  test("is Markdown with as many cells in each line, and JSON that can be read again", () => {
    const lines = found.toMarkdown().split("\n");
    expect(new Set(lines.map((line) => line.split(/(?<!\\)\|/).length)).size).toBe(1);
    expect(lines).toHaveLength(10);
    const read = JSON.parse(JSON.stringify(found)) as ReturnType<Trace["toJSON"]>;
    expect(read.rows[0]).toMatchObject({ name: "v1", operation: "input", from: [], contributions: { v3: 0.5, v4: 5 } });
    expect(read).toEqual(found.toJSON());
  });
});

test("a value that one row uses twice contributes once, with the whole partial", () => {
  const found = trace((x: Tensor) => x.mul(x).add(x), f64(3));
  expect(found.toJSON().rows[0]!.contributions).toEqual({ v2: 6, v3: 1 });
  expect(found.row("v2")!.partials["v1"]!.item()).toBe(6);
});

test("names are the user's, each once, on one line", () => {
  const f = (x: Tensor): Tensor => name(name(x.sin(), "a\n|b").exp(), "v4").mul(name(x.cos(), "v4"));
  const found = trace(f, name(f64(1), "angle"));
  expect(found.inputs).toEqual(["angle"]);
  expect(found.rows.map(({ name }) => name)).toEqual(["v1", "a |b", "v4", "v4_2", "v5"]);
  expect(
    new Set(
      found
        .toMarkdown()
        .split("\n")
        .map((line) => line.split(/(?<!\\)\|/).length),
    ).size,
  ).toBe(1);
  const marked = trace((x: Tensor) => x.sin(), name(f64(1), "&lt; ~~x~~ $a$ <b>")).toMarkdown();
  expect(marked).toContain("v1 = \\&lt; \\~\\~x\\~\\~ \\$a\\$ &lt;b\\>");
  const odd = trace((x: Tensor) => name(x.sin(), "__proto__").exp(), f64(1)).toJSON();
  expect(Object.keys(odd.rows[0]!.contributions)).toEqual(["__proto__"]);
});

test("trees of arguments and results are named by their places", () => {
  const f = ({ w, b }: { w: Tensor; b: Tensor }, x: Tensor) => ({ fit: w.mul(x).add(b), size: [w.square()] });
  const found = trace(f, { w: 2, b: 1 }, 3);
  expect(found.inputs).toEqual(["x1.w", "x1.b", "x2"]);
  expect(found.outputs).toEqual({ "y.fit": "v5", "y.size[0]": "v6" });
  expect(found.row("v1")!.adjoint.item()).toBe(3 + 4);
});

describe("a network", () => {
  const model = new Sequential(new Linear(4, 8), new Tanh(), new Linear(8, 3));
  const x = tensor(
    Array.from({ length: 24 }, (_, i) => Math.sin(i)),
    { shape: [6, 4] },
  );
  const labels = tensor([0, 1, 2, 0, 1, 2], { dtype: "i32" });
  const found = trace((x: Tensor, labels: Tensor) => crossEntropy(model(x), labels), x, labels);

  test("has rows for the parameters that the function closes over; integers are passed along", () => {
    expect(found.inputs).toEqual(["x1"]);
    expect(found.rows.filter(({ operation }) => operation === "parameter")).toHaveLength(4);
    const loss = crossEntropy(model(x), labels);
    loss.backward();
    const [, bias] = found.rows.filter(({ operation }) => operation === "parameter");
    expect(bias!.adjoint.toArray()).toEqual(model.namedParameters()[1]![1].grad!.toArray());
  });

  test("shows large tensors by shape and summary, in the table and in JSON", () => {
    expect(String(found)).toMatch(/v1 = x1 +\[6, 4\] mean \S+, −\S+ \.\. \S+ /);
    expect(found.toJSON().rows[0]!.tangents["x1"]).toEqual(Array.from({ length: 6 }, () => [1, 1, 1, 1]));
    const large = trace((x: Tensor) => x.sum(), tensor(Array.from({ length: 100 }, (_, i) => i)));
    expect(large.toJSON().rows[0]!.value).toEqual({ shape: [100], dtype: "f32", mean: 49.5, least: 0, most: 99 });
  });

  test("shows small matrices whole", () => {
    const small = trace((x: Tensor) => x.matmul(x).sum(), tensor([[1, 2], [3, 4]])); // prettier-ignore
    expect(String(small)).toMatch(/v1 = x1 +\[\[1, 2\], \[3, 4\]\] /);
    expect(String(trace((x: Tensor) => x.sum(), tensor([[5], [-6]])))).toMatch(/v1 = x1 +\[\[5\], \[−6\]\] /);
  });

  test("has what the function closes over alone", () => {
    const w = parameter([1, 2], { label: "weight" });
    const found = trace(() => w.square().sum());
    expect(found.rows.map(({ formula }) => formula)).toEqual(["weight", "v1²", "sum v2"]);
    expect(found.rows[0]!.adjoint.toArray()).toEqual([2, 4]);
  });
});

test("derivatives inside are rows as all others, and a trace stands inside a derivative", () => {
  const inner = trace((x: Tensor) => grad((z: Tensor) => z.mul(z).mul(z))(x), f64(2));
  expect(inner.row("v1")!.adjoint.item()).toBe(12);
  const rows: number[] = [];
  const slope = grad((x: Tensor) => {
    rows.push(trace((z: Tensor) => z.square().mul(x), x).rows.length);
    return x.square();
  })(f64(3));
  expect([slope.item(), ...rows]).toEqual([6, 3]);
  expect(
    trace((x: Tensor) => vmap((z: Tensor) => z.square())(x).sum(), tensor([1, 2])).rows[0]!.adjoint.toArray(),
  ).toEqual([2, 4]);
});

test("numbers that JSON does not have stand by name", () => {
  const row = trace((x: Tensor) => x.log(), 0).toJSON().rows[1]!;
  expect(row).toMatchObject({ value: "-Infinity", partials: { v1: "Infinity" } });
});

test("leaves nothing behind but what it returns, and freed with its scope", () => {
  const before = memory().tensors;
  scope(() => void trace(lecture, f64(2), f64(5)));
  noGrad(() => scope(() => void String(trace(lecture, 2, 5))));
  expect(memory().tensors).toBe(before);
});

test.each([
  ["no function", () => trace(3 as never), ValueError, /^trace: expected a function, got 3$/],
  ["no tensors", () => trace(() => f64(1)), GradientError, /got no arguments$/],
  ["results without tensors", () => trace((x: Tensor) => x.item(), 2), GradientError, /got number$/],
  ["integer results", () => trace((x: Tensor) => x.gt(1), 2), GradientError, /got bool$/],
  ["promises", () => trace((x: Tensor) => Promise.resolve(x), 2), GradientError, /got a promise$/],
  ["unknown columns", () => trace(sin, 2).toString({ tangents: ["q"] }), ValueError, /inputs x1, got q$/],
] as const)("refuses %s", (_, call, type, message) => {
  expectRefused(call, type, message, { temporaries: true });
});
