import { describe, expect, test } from "vitest";
import {
  CaptureError,
  compile,
  customGradient,
  FreedError,
  keep,
  memory,
  OverwrittenError,
  parameter,
  scope,
  tensor,
  variable,
  type Tensor,
} from "../../bindings/index.js";
import { DataLoader } from "../../bindings/data/index.js";
import { clipGradValue, SGD } from "../../bindings/optim/index.js";

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

  test("stays the leaf's when what keep gave of it is disposed of", () => {
    let kept!: Tensor;
    const made = (): Tensor => {
      const x = tensor([1, 2], { requiresGrad: true });
      x.square().sum().backward();
      kept = keep(x.grad!);
      return x;
    };
    const during = scope(() => {
      const x = made();
      kept.dispose();
      return x;
    });
    const after = scope(made);
    kept.dispose();
    for (const x of [during, after]) {
      expect(x.grad!.toArray()).toEqual([2, 4]);
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

  test("outlives the handle that was the gradient if it is kept", () => {
    const [before, after] = [fresh(), fresh()];
    const kept = [keep(before.grad!), keep(after.grad!)];
    scope(() => {
      before.grad!.dispose();
      before.zeroGrad();
      kept[0]!.mul(before).sum().backward();
      const held = after.grad!;
      after.zeroGrad();
      held.dispose();
    });
    for (const g of kept) expect(g.toArray()).toEqual([2, 4]);
  });

  test("is the parameter's alone again when it is kept, or a program has it, no longer", () => {
    const w = fresh();
    const ones = tensor([1, 1]);
    const tensors: number[] = [];
    for (let i = 0; i < 4; i++) {
      scope(() => {
        w.zeroGrad();
        w.square().sum().backward();
        keep(w.grad!).dispose();
        w.zeroGrad();
        w.square().sum().backward();
        const held = w.grad!;
        const times = compile((x: Tensor) => x.mul(held));
        expect(times(ones).toArray()).toEqual([2, 4]);
        times.dispose();
      });
      tensors.push(memory().tensors);
    }
    expect(tensors.slice(2)).toEqual(tensors.slice(1, -1));
    expect(w.grad!.toArray()).toEqual([2, 4]);
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
