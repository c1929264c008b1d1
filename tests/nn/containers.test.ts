// Layers in layers.
import { expect, test } from "vitest";
import { compile, Generator, ValueError, zeros, type Tensor } from "../../bindings/index.js";
import { Linear, LSTM, Module, Sequential, Tanh, type AnyModule } from "../../bindings/nn/index.js";
import { expectRefused } from "../support/refusal.js";

const generator = new Generator(3);

/** What people put behind an LSTM. */
class LastOutput extends Module<[given: readonly [Tensor, unknown]]> {
  forward([output]: readonly [Tensor, unknown]): Tensor {
    return output.select(0, -1);
  }
}

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
