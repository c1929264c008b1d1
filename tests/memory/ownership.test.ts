import { afterEach, describe, expect, test } from "vitest";
import {
  add,
  configure,
  FreedError,
  grad,
  keep,
  memory,
  OverwrittenError,
  parameter,
  scope,
  ScopeError,
  tensor,
  variable,
  type Tensor,
} from "../../bindings/index.js";

afterEach(() => configure({ debug: false }));

describe("scope", () => {
  test("frees all but what it returns and what the graph of that saved", () => {
    const w = parameter([2, 3]);
    const before = memory().tensors;
    let inner: Tensor | undefined;
    const y = scope(() => {
      inner = tensor([1, 1]).mul(5);
      return w.square().mul(inner).sum();
    });
    expect(inner!.toArray()).toEqual([5, 5]);
    expect(memory().tensors).toBeGreaterThan(before + 1);
    y.backward();
    expect(w.grad!.toArray()).toEqual([20, 30]);
    const z = scope(() => tensor([1]).add(1).add(1));
    expect(z.item()).toBe(3);
    z.dispose();
  });

  test("nests: survivors of the inner one belong to the outer one", () => {
    let lost: Tensor | undefined;
    const before = memory();
    scope(() => {
      lost = scope(() => tensor([1, 2]).mul(2));
      expect(lost.toArray()).toEqual([2, 4]);
    });
    expect(() => lost!.data()).toThrow(FreedError);
    expect(memory().bytes).toBe(before.bytes);
  });

  test("ends by `using`, and when its body throws", () => {
    let x: Tensor | undefined;
    {
      using _step = scope();
      x = tensor([1]).add(1);
      expect(x.item()).toBe(2);
    }
    expect(() => x.item()).toThrow(/freed by scope/);
    const before = memory();
    expect(() =>
      scope(() => {
        tensor([1, 2, 3]).add(1);
        throw new Error("in the body");
      }),
    ).toThrow("in the body");
    expect(memory().bytes).toBe(before.bytes);
  });

  test("refuses a body that awaits, and frees nothing of it", async () => {
    const made: Tensor[] = [];
    const misuse = async (): Promise<void> => {
      using _step = scope();
      made.push(tensor([7]).add(0));
      await Promise.resolve();
      made.push(tensor([8]).add(0));
    };
    await expect(misuse()).rejects.toThrow(ScopeError);
    expect(made.map((x) => x.item())).toEqual([7, 8]);
    expect(() => scope(async () => Promise.resolve())).toThrow(ScopeError);
  });
});

describe("dispose", () => {
  test("frees at once what nothing else holds, and waits for views and graphs", () => {
    const before = memory().bytes;
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const row = x.slice(0);
    x.dispose();
    expect(() => x.data()).toThrow(/disposed of/);
    expect(row.toArray()).toEqual([1, 2]);
    row.dispose();
    expect(memory().bytes).toBe(before);
    x.dispose();
    expect(() => row.data()).toThrow(FreedError);
  });

  test("of what keep gave frees it once the scope has ended, whatever was made of it there", () => {
    const w = parameter([1, 2]);
    const carried: Tensor[] = [];
    const bytes: number[] = [];
    for (let i = 0; i < 6; i++) {
      scope(() => {
        const h = w.mul(i + 1);
        h.square().sum().backward();
        const again = h.reshape([2, 1]).square();
        carried.push(keep(h));
        expect(again.size).toBe(2);
      });
      if (carried.length > 2) carried.shift()!.dispose();
      bytes.push(memory().bytes);
    }
    expect(bytes.slice(3)).toEqual(bytes.slice(2, -1));
    expect(carried.map((h) => h.toArray())).toEqual([[5, 10], [6, 12]]); // prettier-ignore
  });

  test("of what keep gave waits for views and graphs made of it since, and for what the scope returned", () => {
    const w = parameter([1, 2]);
    let kept!: Tensor;
    scope(() => void (kept = keep(w.mul(1))));
    const view = kept.reshape([2, 1]);
    const product = kept.mul(w);
    kept.dispose();
    expect(view.toArray()).toEqual([[1], [2]]);
    view.dispose();
    w.zeroGrad();
    product.sum().backward();
    expect(w.grad!.toArray()).toEqual([1, 2]);

    let handle!: Tensor;
    const returned = scope(() => {
      const h = w.mul(1);
      handle = keep(h);
      return h;
    });
    handle.dispose();
    expect(returned.toArray()).toEqual([1, 2]);
  });

  test("of what keep gave leaves it to its scope while that runs, and frees gradients that were kept", () => {
    const w = parameter([1, 2]);
    const bytes: number[] = [];
    let held: Tensor | undefined;
    for (let i = 1; i < 6; i++) {
      scope(() => {
        const h = w.mul(i);
        keep(h).dispose();
        expect(h.toArray()).toEqual([i, 2 * i]);
        w.zeroGrad();
        h.sum().backward();
        held?.dispose();
        held = keep(w.grad!);
      });
      expect(held!.toArray()).toEqual([i, i]);
      bytes.push(memory().bytes);
    }
    expect(bytes.slice(3)).toEqual(bytes.slice(2, -1));
  });

  test("of what keep gave leaves it to the scope around the one that returned it", () => {
    const tensors: number[] = [];
    for (let i = 0; i < 4; i++) {
      let kept!: Tensor;
      scope(() => {
        const returned = scope(() => {
          const h = tensor([1, 2]).mul(2);
          kept = keep(h);
          return h;
        });
        expect(returned.toArray()).toEqual([2, 4]);
      });
      expect(kept.toArray()).toEqual([2, 4]);
      kept.dispose();
      tensors.push(memory().tensors);
    }
    expect(tensors).toEqual(tensors.map(() => tensors[0]));
  });

  test("of what keep gave leaves it to the graph that a scope returned", () => {
    const w = parameter([1, 2]);
    let kept!: Tensor;
    const pulled = (during: boolean): void => {
      w.zeroGrad();
      const y = scope(() => {
        kept = keep(tensor([3, 4]).mul(1));
        const product = kept.mul(w).sum();
        if (during) kept.dispose();
        return product;
      });
      kept.dispose();
      y.backward();
      expect(w.grad!.toArray()).toEqual([3, 4]);
    };
    pulled(true);
    pulled(false);
  });

  test("of what keep gave frees it, whatever was made of it and disposed of since", () => {
    const tensors: number[] = [];
    for (let i = 0; i < 4; i++) {
      let kept!: Tensor;
      scope(() => void (kept = keep(tensor([1, 2]).mul(2))));
      kept.reshape([2, 1]).dispose();
      grad((x: Tensor) => x.square().sum())(kept).dispose();
      kept.dispose();
      tensors.push(memory().tensors);
    }
    expect(tensors).toEqual(tensors.map(() => tensors[0]));
  });

  test("of the handle that was kept leaves the one that keep gave", () => {
    let given!: Tensor;
    let kept!: Tensor;
    scope(() => void (kept = keep((given = tensor([1, 2])))));
    expect(given.toArray()).toEqual([1, 2]);
    given.dispose();
    expect(kept.toArray()).toEqual([1, 2]);
    const { tensors } = memory();
    kept.dispose();
    expect(memory().tensors).toBe(tensors - 1);
  });

  test("of the handle that was kept, when its scope has ended, is not taken for one of a view", () => {
    let given!: Tensor;
    let kept!: Tensor;
    scope(() => void (kept = keep((given = tensor([1, 2])))));
    const view = kept.reshape([2, 1]);
    given.dispose();
    kept.dispose();
    expect(view.toArray()).toEqual([[1], [2]]);
    const { tensors } = memory();
    view.dispose();
    expect(memory().tensors).toBe(tensors - 1);
  });

  test("of what keep gave frees it where that is what a scope returned", () => {
    const { tensors } = memory();
    scope(() => keep(tensor([1, 2]))).dispose();
    scope(() => ({ carried: keep(tensor([1, 2])) })).carried.dispose();
    expect(memory().tensors).toBe(tensors);
  });

  test("of what keep gave frees it when a graph that was made since has ended, and one of before has not", () => {
    const w = parameter([1, 2]);
    let carried = keep(w);
    const tensors: number[] = [];
    for (let i = 0; i < 4; i++) {
      const before = carried;
      scope(() => {
        w.zeroGrad();
        before.mul(w).sum().backward();
        carried = keep(w.mul(i)); // Whose graph nobody ends.
      });
      before.dispose();
      tensors.push(memory().tensors);
    }
    expect(tensors).toEqual(tensors.map(() => tensors[0]));
    expect(carried.toArray()).toEqual([3, 6]);
  });

  test("of an adjoint that a hook kept waits for graphs made of it since", () => {
    const [w, v] = [parameter([1, 2]), parameter([3, 4])];
    let kept!: Tensor;
    w.registerHook((g) => void (kept = keep(g)));
    w.square().sum().backward();
    const product = kept.mul(v);
    kept.dispose();
    product.sum().backward();
    expect(v.grad!.toArray()).toEqual([2, 4]);
  });

  test("of an adjoint that a hook kept frees that alone", () => {
    const w = parameter([1, 2]);
    const h = w.mul(2);
    const kept: Tensor[] = [];
    for (const x of [w, h]) x.registerHook((g) => void kept.push(keep(g)));
    h.square().sum().backward();
    expect(kept.map((g) => g.toArray())).toEqual([[4, 8], [8, 16]]); // prettier-ignore
    const { tensors } = memory();
    for (const g of kept) g.dispose();
    expect(memory().tensors).toBe(tensors - 2);
    expect(w.grad!.toArray()).toEqual([8, 16]);
  });

  test("of what a graph saved frees it with the graph", () => {
    const w = parameter([2, 3]);
    const step = (): number => {
      w.zeroGrad();
      const s = w.square();
      const p = s.mul(s);
      const loss = p.sum();
      for (const x of [s, p]) x.dispose();
      loss.backward();
      loss.dispose();
      return memory().tensors;
    };
    const first = step();
    expect([step(), step()]).toEqual([first, first]);
    expect(w.grad!.toArray()).toEqual([32, 108]);
  });

  test("of what a graph saved leaves its gradient right", () => {
    const w = parameter([2, 3]);
    const s = w.square();
    const y = s.mul(s).sum();
    s.dispose();
    y.backward();
    expect(w.grad!.toArray()).toEqual([32, 108]);
  });
});

describe("variables", () => {
  test("refuse to serve old values, by name", () => {
    const w = variable([1, 2], { label: "w" });
    const view = w.slice(0);
    w.assign([3, 4]);
    expect(() => view.item()).toThrow(OverwrittenError);
    expect(() => view.item()).toThrow(/the variable "w"/);
    expect(w.slice(0).item()).toBe(3);
  });

  test("refuse a backward that needs a value overwritten since, and serve one that does not", () => {
    const w = parameter([1, 2], { label: "w" });
    const needs = w.square().sum();
    const ignores = w.add(1).sum();
    w.assign([5, 5]);
    expect(() => needs.backward()).toThrow(OverwrittenError);
    expect(w.grad).toBeNull();
    ignores.backward();
    expect(w.grad!.toArray()).toEqual([1, 1]);
  });

  test("can be assigned from views of themselves", () => {
    const w = variable([1, 2, 3]);
    w.assign(w.flip());
    expect(w.toArray()).toEqual([3, 2, 1]);
  });
});

describe("differentiation", () => {
  test("frees all but its result", () => {
    const x = tensor([1, 2, 3]);
    const before = memory();
    const g = grad((v: Tensor) => v.square().mul(v).sin().sum())(x);
    expect(memory().tensors).toBe(before.tensors + 1);
    g.dispose();
    expect(memory().bytes).toBe(before.bytes);
  });
});

test("debugging adds source lines to messages, and finds what holds most", () => {
  configure({ debug: true });
  const x = scope(() => {
    const inner = tensor([1, 2]).add(1);
    return { hidden: () => inner };
  }).hidden();
  expect(() => add(x, 1)).toThrow(/made at .*ownership\.test.*:\d+:\d+, freed by scope at .*ownership\.test/);
  const large = tensor(new Float32Array(10000));
  expect(memory().largest[0]).toMatchObject({ bytes: 40000, tensors: 1 });
  large.dispose();
});
