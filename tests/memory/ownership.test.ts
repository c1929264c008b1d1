import { afterEach, describe, expect, test } from "vitest";
import {
  add,
  CaptureError,
  compile,
  configure,
  customGradient,
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
import { DataLoader } from "../../bindings/data/index.js";
import { clipGradValue, SGD } from "../../bindings/optim/index.js";

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

describe("the gradient of a leaf that a scope made", () => {
  test("goes with the scope, as a leaf's and as a value's on the way", () => {
    const w = parameter([1, 2]);
    w.square().sum().backward();
    const before = memory();
    let held: Tensor | undefined;
    scope(() => {
      const x = tensor([3, 4], { requiresGrad: true });
      const h = x.mul(w);
      h.retainGrad();
      h.square().sum().backward();
      held = x.grad!;
      expect([held.toArray(), h.grad!.toArray(), w.grad!.toArray()]).toEqual([[6, 32], [6, 16], [20, 68]]); // prettier-ignore
    });
    expect(() => held!.toArray()).toThrow(/freed by scope/);
    expect(w.grad!.toArray()).toEqual([20, 68]);
    expect(memory()).toMatchObject({ bytes: before.bytes, tensors: before.tensors });
  });

  test("goes with the turn of a loop", async () => {
    const turn = (x: Tensor): void => {
      const leaf = tensor(x.mul(2), { requiresGrad: true });
      leaf.square().sum().backward();
      leaf.square().sum().backward();
      expect(leaf.grad!.toArray()).toEqual(x.mul(8).toArray());
    };
    const loader = new DataLoader({ x: tensor([[1, 2], [3, 4], [5, 6], [7, 8]]) }, { batchSize: 1 }); // prettier-ignore
    const bytes: number[][] = [[], []];
    for (const { x } of loader) {
      turn(x);
      bytes[0]!.push(memory().bytes);
    }
    for await (const { x } of loader) {
      turn(x);
      await Promise.resolve();
      turn(x);
      bytes[1]!.push(memory().bytes);
    }
    // What a loop keeps of its last turn comes with the second.
    for (const [, second, ...later] of bytes) expect(later).toEqual(later.map(() => second));
  });

  test("goes where the leaf goes, or where it is taken itself", () => {
    const made = (): Tensor => {
      const x = tensor([1, 2], { requiresGrad: true });
      x.square().sum().backward();
      return x;
    };
    const returned = scope(() => scope(made));
    let kept!: Tensor;
    scope(() => keep((kept = made())));
    const alone = scope(() => made().grad!);
    const keptAlone = scope(() => keep(made().grad!));
    for (const g of [returned.grad!, kept.grad!, alone, keptAlone]) expect(g.toArray()).toEqual([2, 4]);
    for (const x of [returned, kept]) {
      x.sum().backward();
      expect(x.grad!.toArray()).toEqual([3, 5]);
    }
  });

  test("is that of the scope of the leaf, not of the backward; old ones that were read go with what runs", () => {
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      const step = (): void =>
        scope(() => {
          x.square().sum().backward();
          expect(x.grad!.size).toBe(2);
        });
      step();
      const { bytes } = memory();
      step();
      step();
      expect(memory().bytes).toBe(bytes);
      expect(x.grad!.toArray()).toEqual([6, 12]);
    });
  });

  test("stays a program's own memory when the scope ends", () => {
    let step = (): void => {};
    const x = scope(() => {
      const leaf = tensor([1, 2, 3], { requiresGrad: true });
      step = compile(() => {
        leaf.zeroGrad();
        leaf.square().sum().backward();
      });
      step();
      leaf.zeroGrad();
      return leaf;
    });
    const other = tensor([9, 9, 9]);
    step();
    expect([other.toArray(), x.grad!.toArray()]).toEqual([[9, 9, 9], [2, 4, 6]]); // prettier-ignore
  });

  test("is there as long as the leaf, of which a view may be all that is left", () => {
    let leaf!: Tensor;
    scope(() => {
      leaf = tensor([1, 2, 3], { requiresGrad: true });
      leaf.square().sum().backward();
      return leaf.detach();
    });
    compile((a: Tensor) => leaf.mul(a).sum().backward())(tensor([1, 1, 1]));
    expect(leaf.grad!.toArray()).toEqual([3, 5, 7]);
    leaf.sum().backward();
    expect(leaf.grad!.toArray()).toEqual([4, 6, 8]);
  });
});

describe("a gradient that others hold", () => {
  /** A parameter with the gradient [2, 4]. */
  function fresh(): Tensor {
    const w = parameter([1, 2]);
    w.square().sum().backward();
    return w;
  }

  test.each<[string, (w: Tensor) => void]>([
    ["zeroGrad in a scope", (w) => scope(() => w.zeroGrad())],
    ["backward in a scope", (w) => scope(() => w.sum().backward())],
    ["clipping in a scope", (w) => scope(() => clipGradValue(w, 1))],
    ["minimize", (w) => new SGD(w, { lr: 0.1 }).minimize(() => w.sum())],
    ["dispose of its parameter", (w) => w.dispose()],
  ])("outlives %s if it is kept, or a program has it", (_, end) => {
    const w = fresh();
    const kept = keep(w.grad!);
    end(w);
    expect(kept.toArray()).toEqual([2, 4]);

    const other = fresh();
    const held = other.grad!;
    const times = compile((x: Tensor) => x.mul(held));
    const ones = tensor([1, 1]);
    expect(times(ones).toArray()).toEqual([2, 4]);
    end(other);
    const others = [tensor([9, 9]), tensor([9, 9]), tensor([9, 9])];
    expect(times(ones).toArray()).toEqual([2, 4]);
    for (const x of others) expect(x.toArray()).toEqual([9, 9]);
  });

  test("outlives the turns of a loop if it is kept", () => {
    const w = parameter([1, 2]);
    const kept: Tensor[] = [];
    const rows = tensor([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    for (const x of new DataLoader(rows, { batchSize: 1 })) {
      w.zeroGrad();
      w.mul(x).sum().backward();
      kept.push(keep(w.grad!));
    }
    expect(kept.map((g) => g.toArray())).toEqual([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  });

  test("can be disposed of, and the turn still ends", () => {
    const w = fresh();
    scope(() => {
      w.grad!.dispose();
      w.zeroGrad();
    });
    expect(w.grad).toBeNull();
    w.sum().backward();
    expect(w.grad!.toArray()).toEqual([1, 1]);
  });

  test("is not what a hook or a rule found elsewhere", () => {
    const mine = variable([7, 7]);
    const rule = customGradient((x: Tensor) => x.mul(1), { vjp: () => mine });
    for (const through of [(w: Tensor) => w.square(), rule]) {
      const w = parameter([1, 2]);
      w.registerHook(() => mine);
      through(w).sum().backward();
      mine.assign([8, 8]);
      expect(w.grad!.toArray()).toEqual([7, 7]);
      w.zeroGrad();
      expect(mine.toArray()).toEqual([8, 8]);
      mine.assign([7, 7]);
    }
    const held = tensor([7, 7]);
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      x.registerHook(() => held);
      x.sum().backward();
    });
    expect(held.toArray()).toEqual([7, 7]);
  });

  test("is not that of another leaf, nor what a graph has, if it is tracked", () => {
    const [a, b, c] = [parameter([1, 2]), parameter([3, 4]), parameter([1, 1])];
    const seed = c.mul(2);
    a.add(b).square().sum().backward({ createGraph: true });
    a.zeroGrad();
    expect(b.grad!.toArray()).toEqual([8, 12]);
    a.add(1).backward({ gradient: seed, createGraph: true });
    a.zeroGrad();
    expect(seed.toArray()).toEqual([2, 2]);
    b.zeroGrad();
    const h = a.square();
    h.retainGrad();
    h.square().sum().backward({ createGraph: true });
    h.zeroGrad();
    a.grad!.sum().backward();
    expect(a.grad!.toArray()).toEqual([16, 80]); // 4 a³, and 12 a² of its sum.
  });

  test("stays with its leaf when a program that would have it is not made", () => {
    const x = scope(() => {
      const leaf = tensor([1, 2], { requiresGrad: true });
      leaf.square().sum().backward();
      const held = leaf.grad!;
      const failing = compile((y: Tensor) => {
        y.mul(held).toArray();
      });
      expect(() => failing(tensor([1, 1]))).toThrow(CaptureError);
      return leaf;
    });
    expect(x.grad!.toArray()).toEqual([2, 4]);
  });
});

describe("what a program has, or was captured with", () => {
  test("a gradient stays its own when the parameter is disposed of", () => {
    const w = parameter([1, 2]);
    const step = compile(() => {
      w.zeroGrad();
      w.sum().backward();
    });
    step();
    w.dispose();
    const others = Array.from({ length: 8 }, () => tensor([9, 9]));
    step();
    for (const x of others) expect(x.toArray()).toEqual([9, 9]);
  });

  test("is refused when it was freed since", () => {
    const twice = compile((x: Tensor) => x.mul(2)).bind([tensor([1, 2])]);
    const result = twice();
    const plus = compile((x: Tensor) => x.add(result));
    const ones = tensor([1, 1]);
    expect(plus(ones).toArray()).toEqual([3, 5]);
    twice.dispose();
    expect(() => plus(ones)).toThrow(FreedError);

    const w = parameter([1, 2]);
    w.sum().backward();
    const more = compile(() => w.sum().backward());
    more();
    w.zeroGrad();
    w.sum().backward();
    w.grad!.dispose();
    expect(more).toThrow(FreedError);
  });

  test("a gradient of an earlier call is never a later one's, which failed", () => {
    const [w, v] = [parameter([1, 2]), parameter([1, 2])];
    const step = compile(() => w.add(v).sum().backward());
    for (let i = 0; i < 2; i++) step();
    const held = w.grad!;
    for (const x of [w, v]) {
      x.zeroGrad();
      x.mul(5).sum().backward();
    }
    v.grad!.dispose();
    expect(step).toThrow(FreedError);
    expect(() => held.toArray()).toThrow(OverwrittenError);
    expect(() => held.toArray()).toThrow(/which its program wrote again/);
    expect(w.grad!.toArray()).toEqual([5, 5]);
  });
});
