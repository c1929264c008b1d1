import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  grad,
  hvp,
  jvp,
  mul,
  parameter,
  scope,
  sin,
  sum,
  tanh,
  tensor,
  valueAndGrad,
  variable,
  vmap,
  type Tensor,
} from "../../bindings/index.js";
import { mapTree } from "../../bindings/core/tree.js";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const y = tensor([0.5, -1, 2]);

/** The values of a tree. */
function arrays(tree: unknown): unknown {
  return mapTree(tree, (leaf) => (typeof leaf === "number" ? leaf : leaf.toArray()));
}

describe("compile", () => {
  test("a function of tensors", () => {
    const f = (a: Tensor, b: Tensor): Tensor => sin(a.mul(b)).add(a.T.matmul(a).sum());
    const program = compile(f);
    for (let i = 0; i < 3; i++) expect(program(x, y).toArray()).toEqual(f(x, y).toArray());
  });

  test("has the name of what it was made of", () => {
    expect(compile(function step(a: Tensor) { return a; }).name).toBe("step"); // prettier-ignore
    expect(compile((a: Tensor) => a, { name: "other" }).name).toBe("other");
  });

  test("trees, numbers, arrays and static arguments", () => {
    const f = ({ a, n }: { a: Tensor; n: number }, axis: number, mode: string): { s: Tensor; list: unknown[] } => ({
      s: a.mul(n).sum(axis),
      list: [mode, add(n, a), n, 7],
    });
    const program = compile(f, { static: [1] });
    for (const n of [0.1, -3, 1e-9]) {
      for (const axis of [0, 1]) {
        const [got, want] = [program({ a: x, n }, axis, "m"), f({ a: x, n }, axis, "m")];
        expect(got.s.toArray()).toEqual(want.s.toArray());
        expect(got.list[0]).toBe("m");
        expect((got.list[1] as Tensor).toArray()).toEqual((want.list[1] as Tensor).toArray());
        expect(got.list.slice(2)).toEqual([n, 7]);
      }
    }
    const doubled = compile((a: Tensor) => mul(a, 2));
    expect(doubled(new Float32Array([1, 2])).toArray()).toEqual([2, 4]);
  });

  test("derivatives of functions", () => {
    const f = (a: Tensor): Tensor => sum(tanh(a.mul(y)).square());
    for (const g of [
      grad(f),
      (a: Tensor) => valueAndGrad(f)(a)[1],
      (a: Tensor) => jvp(f, [a], [a]),
      (a: Tensor) => hvp(f, [a], [a]),
      (a: Tensor) => vmap(grad(f))(a),
      (a: Tensor) => grad((b: Tensor) => sum(grad(f)(b).mul(y)))(a),
    ] as ((a: Tensor) => unknown)[]) {
      const program = compile(g);
      for (let i = 0; i < 2; i++) expect(arrays(program(x))).toEqual(arrays(g(x)));
    }
  });

  test("variables are read and assigned in place", () => {
    const [w, v] = [variable([1, 2, 3], { label: "w" }), variable([1, 2, 3])];
    const step =
      (p: typeof w) =>
      (a: Tensor): Tensor => {
        const before = p.sum();
        p.assign(p.add(a));
        p.assign(p.mul(2));
        return before.add(p.sum());
      };
    const program = compile(step(w));
    for (let i = 0; i < 3; i++) expect(program(y).item()).toBe(step(v)(y).item());
    expect(w.toArray()).toEqual(v.toArray());
  });

  test("gradients accumulate as in eager", () => {
    const make = () => {
      const w = parameter([1, 2, 3]);
      return { w, run: (a: Tensor): void => sum(w.mul(a).square()).backward() };
    };
    const [eager, compiled] = [make(), make()];
    const program = compile(compiled.run);
    for (let i = 0; i < 4; i++) {
      eager.run(y);
      program(y);
      expect(compiled.w.grad!.toArray()).toEqual(eager.w.grad!.toArray());
      if (i === 2) {
        eager.w.zeroGrad();
        compiled.w.zeroGrad();
      }
    }
  });

  test("leaves nothing behind in a scope", () => {
    const program = compile((a: Tensor) => sum(a));
    expect(scope(() => program(x).item())).toBe(21);
    program.dispose();
    expect(() => program(x)).toThrow(/disposed/);
  });

  test("a program that is printed says what there are graphs for", () => {
    const f = compile((a: Tensor, n: number) => a.mul(n), { name: "f" });
    expect(String(f)).toBe("program f");
    f(x, 2);
    f(y, 2);
    const printed = "program f\n  f(f32 [3], a number)\n  f(f32 [2, 3], a number)";
    expect(String(f)).toBe(printed);
    const shown = f as unknown as Record<symbol, () => string>;
    expect(shown[Symbol.for("nodejs.util.inspect.custom")]!()).toBe(printed);
  });
});
