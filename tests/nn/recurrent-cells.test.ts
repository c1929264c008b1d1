// A cell, called for each step, does what the layer does with a sequence.
import { expect, test } from "vitest";
import { checkGradients, Generator, ShapeError, ValueError, zeros, type Tensor } from "../../bindings/index.js";
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell, type Module } from "../../bindings/nn/index.js";
import { expectRefused, wrong } from "../support/refusal.js";

const generator = new Generator(3);
const how = { dtype: "f64", generator } as const;
const x = generator.normal([4, 2, 3], { dtype: "f64" });

/** Gives a cell the weights of a layer, under the names that it has for them. */
function share(cell: Module<never, unknown>, layer: Module<never, unknown>): void {
  cell.loadStateDict(
    Object.fromEntries(Object.entries(layer.stateDict()).map(([key, w]) => [key.replace("_l0", ""), w])),
  );
}

function steps<S>(step: (x: Tensor, state: S | undefined) => S): S {
  let state: S | undefined;
  for (let i = 0; i < 4; i++) state = step(x.select(0, i), state);
  return state!;
}

test.each(["tanh", "relu"] as const)("RNNCell, %s", (nonlinearity) => {
  const [cell, layer] = [new RNNCell(3, 5, { ...how, nonlinearity }), new RNN(3, 5, { ...how, nonlinearity })];
  share(cell, layer);
  expect(steps<Tensor>(cell).toArray()).toEqual(layer(x)[1].select(0, 0).toArray());
  expect(Object.keys(cell.stateDict())).toEqual(["weight_ih", "weight_hh", "bias_ih", "bias_hh"]);
});

test("GRUCell", () => {
  const [cell, layer] = [new GRUCell(3, 5, { ...how, bias: false }), new GRU(3, 5, { ...how, bias: false })];
  share(cell, layer);
  expect(steps<Tensor>(cell).toArray()).toEqual(layer(x)[1].select(0, 0).toArray());
});

test("LSTMCell, and its gradients", () => {
  const [cell, layer] = [new LSTMCell(3, 5, how), new LSTM(3, 5, how)];
  share(cell, layer);
  const [h, c] = steps<[Tensor, Tensor]>(cell);
  const [, [lastH, lastC]] = layer(x);
  expect([h.toArray(), c.toArray()]).toEqual([lastH.select(0, 0).toArray(), lastC.select(0, 0).toArray()]);
  expect(checkGradients((first: Tensor) => cell(first)[1].sum(), [x.select(0, 0)], { order: 1 }).passed).toBe(true);
});

test("a state that is null or undefined is one of zeros", () => {
  const row = x.select(0, 0);
  const [h, layerH] = [zeros([2, 5], { dtype: "f64" }), zeros([1, 2, 5], { dtype: "f64" })];
  const plain = (y: unknown): unknown => (Array.isArray(y) ? y.map(plain) : (y as Tensor).toArray());
  for (const none of [null, undefined]) {
    for (const cell of [new RNNCell(3, 5, how), new GRUCell(3, 5, how)])
      expect(plain(cell(row, none))).toEqual(plain(cell(row, h)));
    for (const layer of [new RNN(3, 5, how), new GRU(3, 5, how)])
      expect(plain(layer(x, none))).toEqual(plain(layer(x, layerH)));
    const [cell, layer] = [new LSTMCell(3, 5, how), new LSTM(3, 5, how)];
    expectRefused(() => cell(row, wrong(0)), ValueError, /LSTMCell: expected a state \[h, c\], got 0/);
    expect(plain(cell(row, none))).toEqual(plain(cell(row, [h, h])));
    expect(plain(layer(x, none))).toEqual(plain(layer(x, [layerH, layerH])));
  }
});

test("cells say what they do not take", () => {
  expectRefused(() => new RNNCell(3, 5, { nonlinearity: wrong("gelu") }), ValueError, /"tanh" or "relu", got gelu/);
  expectRefused(() => new GRUCell(3, 0), ValueError, /GRUCell: expected whole sizes from 1 on, got 0/);
  const cell = new LSTMCell(2, 5, how);
  expectRefused(() => cell(x.select(0, 0)), ShapeError, /lstmCell/, { temporaries: true });
});

test("a state of another kind is refused in words: one tensor for [h, c], a list for one tensor", () => {
  const [x, h, row] = [zeros([5, 2, 3]), zeros([1, 2, 4]), zeros([2, 4])];
  const [lstm, lstmCell, gruCell] = [new LSTM(3, 4), new LSTMCell(3, 4), new GRUCell(3, 4)];
  const inputs = zeros([2, 3]);
  const one = /LSTM(Cell)?: expected a state \[h, c\], got one tensor/;
  expectRefused(() => lstm(x, wrong(h)), ValueError, one);
  expectRefused(() => lstmCell(inputs, wrong(row)), ValueError, one, { temporaries: true });
  expectRefused(() => lstm(x, wrong([h])), ValueError, /a state \[h, c\], got a list of 1/);
  for (const model of [new GRU(3, 4), new RNN(3, 4)])
    expectRefused(
      () => model(x, wrong([h, h])),
      ValueError,
      /(GRU|RNN): expected one tensor as the state, got a list of 2/,
    );
  expectRefused(() => gruCell(inputs, wrong([row, row])), ValueError, /GRUCell: expected one tensor/, {
    temporaries: true,
  });
  expect(new GRU(1, 1)([[[1]]], [[[0]]])[0].shape).toEqual([1, 1, 1]);
});
