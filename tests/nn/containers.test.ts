// Layers in layers.
import { describe, expect, test } from "vitest";
import { compile, Generator, tensor, ValueError, zeros, type Tensor, type TensorLike } from "../../bindings/index.js";
import {
  Dropout,
  Linear,
  LSTM,
  Module,
  ModuleDict,
  ModuleList,
  ReLU,
  Residual,
  Sequential,
  Tanh,
  type AnyModule,
} from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";

const generator = new Generator(3);

/** What people put behind an LSTM. */
class LastOutput extends Module<[given: readonly [Tensor, unknown]]> {
  forward([output]: readonly [Tensor, unknown]): Tensor {
    return output.select(0, -1);
  }
}

describe("containers", () => {
  test("a list and a dictionary hold modules under positions and names", () => {
    const list = new ModuleList([new Linear(2, 2), new Linear(2, 3)]);
    expect([list.length, list.at(-1)!.outputs, [...list].length]).toEqual([2, 3, 2]);
    const chain = new Sequential(...list, new ReLU());
    expect([chain.length, chain.at(-1)!.constructor.name, [...chain][0]]).toEqual([3, "ReLU", list[0]]);
    const heads = new ModuleDict({ value: new Linear(2, 1), policy: new Linear(2, 4) });
    expect([...new ModuleDict(heads).keys()]).toEqual(["value", "policy"]);
    expect([[...heads.keys()], heads.get("policy").outputs]).toEqual([["value", "policy"], 4]);
    const net = new (class extends Module {
      readonly list = list;
      readonly heads = heads;
      forward(x: TensorLike): Tensor {
        return this.heads.get("value")(this.list[0]!(x));
      }
    })();
    expect(net(zeros([5, 2])).shape).toEqual([5, 1]);
    expect(net.namedParameters().map(([key]) => key)).toEqual([
      ...["list.0.weight", "list.0.bias", "list.1.weight", "list.1.bias"],
      ...["heads.value.weight", "heads.value.bias", "heads.policy.weight", "heads.policy.bias"],
    ]);
    // What a class adds of its own is inside, and not in the list.
    class Headed extends Sequential {
      readonly head = new Linear(2, 2);
    }
    const headed = new Headed(new Tanh(), new ReLU());
    expect([headed.length, headed.at(-1)!.constructor.name, headed.namedChildren().length]).toEqual([2, "ReLU", 3]);
    expect(() => heads.get("other")).toThrow(/a name among value, policy, got "other"/);
    expect(() => new ModuleDict({ forward: new ReLU() })).toThrow(/got "forward"/);
    expect(() => (list as unknown as Module)(1)).toThrow(/a call of one of its modules/);
  });

  test("a residual adds its input, or what a shortcut makes of it", () => {
    const body = new Linear(2, 3, { dtype: "f64" });
    const shortcut = new Linear(2, 3, { dtype: "f64", bias: false });
    const x = tensor([[1, -2]], { dtype: "f64" });
    const with0 = new Residual(body, { shortcut });
    expect(with0(x).toArray()).toEqual(shortcut(x).add(body(x)).toArray());
    expect(new Residual(new Tanh())(x).toArray()).toEqual(x.add(x.tanh()).toArray());
    expect(with0.namedParameters().map(([key]) => key)).toEqual(["body.weight", "body.bias", "shortcut.weight"]);
  });

  test("modes reach everything inside, and only what differs by mode changes", () => {
    const net = new Sequential(new Residual(new Dropout(0.5, { generator })), new Tanh());
    const x = tensor(new Float32Array(64).fill(1));
    net.eval();
    expect(net.namedModules().map(([, { training }]) => training)).toEqual([false, false, false, false]);
    expect(net(x).toArray()).toEqual(net(x).toArray());
    net.train();
    expect(net(x).toArray()).not.toEqual(net(x).toArray());
  });
});

test("a Sequential passes lists from a layer to the next, and from outside to its first and from its last", () => {
  const [lstm, linear] = [new LSTM(3, 4, { generator }), new Linear(4, 1, { generator })];
  const x = generator.normal([5, 2, 3]);
  const expected = linear(lstm(x)[0].select(0, -1)).toArray();
  const tail = new Sequential<AnyModule, readonly [Tensor, unknown]>(new LastOutput(), linear);
  expect(tail(lstm(x)).toArray()).toEqual(expected);
  const whole = new Sequential<AnyModule>([lstm], tail);
  expect(whole(x).toArray()).toEqual(expected);
  expect(compile((t: Tensor) => whole(t))(x).toArray()).toEqual(expected);
  const head = new Sequential<AnyModule, Tensor, ReturnType<LSTM["forward"]>>(new Tanh(), lstm);
  expect(head(x)[1][1].toArray()).toEqual(lstm(x.tanh())[1][1].toArray());
  expect(new Sequential()([1, 2]).toArray()).toEqual([1, 2]);
});

test("a Sequential says which layer gave a list to one that takes none", () => {
  const model = new Sequential<AnyModule>(new LSTM(3, 4), new Linear(4, 1));
  expectRefused(
    () => model(zeros([5, 2, 3])),
    ValueError,
    /^Sequential: expected a layer that takes the list of 2 from LSTM, got Linear \(linear: expected numbers or truth values/,
    { temporaries: true },
  );
});

test("modules that are not in a list or an object, and what is no function of them, are refused", () => {
  const model = new Linear(1, 1);
  expect(() => new ModuleList(model as never)).toThrow(/^ModuleList: expected modules in an array, got Linear$/);
  expect(() => new ModuleList(3 as never)).toThrow(/^ModuleList: expected modules in an array, got 3/);
  expect(new ModuleList(new Sequential(model)).at(0)).toBe(model);
  for (const none of [null, 3, [model]])
    expect(() => new ModuleDict(none as never)).toThrow(/^ModuleDict: expected an object with modules by name/);
  expect(() => model.apply(3 as never)).toThrow(/^apply: expected a function of modules, got number/);
});
