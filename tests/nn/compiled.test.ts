// A training step of each family of layers: compiled it has the bits of eager, in parameters, statistics and generators.
import { describe, expect, test } from "vitest";
import { compile, Generator, type Tensor } from "../../bindings/index.js";
import * as nn from "../../bindings/nn/index.js";
import { Adam } from "../../bindings/optim/index.js";

interface Model {
  readonly net: nn.AnyModule;
  forward(x: Tensor): Tensor;
}

const of = (net: nn.Module): Model => ({ net, forward: (x) => net(x) });
const first = (net: nn.AnyModule & { forward(x: Tensor): [Tensor, ...unknown[]] }): Model => ({
  net,
  forward: (x) => net.forward(x)[0],
});

const families: Record<string, [shape: readonly number[], make: (generator: Generator) => Model]> = {
  "linear with dropout": [
    [4, 6],
    (generator) =>
      of(
        new nn.Sequential(
          ...[new nn.Linear(6, 8, { generator }), new nn.PReLU(), new nn.Dropout(0.3, { generator })],
          ...[new nn.Residual(new nn.Sequential(new nn.RMSNorm(8), new nn.Linear(8, 8, { generator }), new nn.SiLU()))],
        ),
      ),
  ],
  "convolution with batch normalisation": [
    [4, 2, 8, 8],
    (generator) =>
      of(
        new nn.Sequential(
          ...[new nn.Conv2d(2, 4, 3, { padding: 1, bias: false, generator }), new nn.BatchNorm2d(4), new nn.ReLU()],
          ...[
            new nn.MaxPool2d(2),
            new nn.Conv2d(4, 6, 3, { groups: 2, paddingMode: "reflect", padding: 1, generator }),
          ],
          ...[new nn.GroupNorm(2, 6), new nn.GELU(), new nn.AdaptiveAvgPool2d(1), new nn.Flatten()],
          ...[new nn.Linear(6, 3, { generator }), new nn.BatchNorm1d(3)],
        ),
      ),
  ],
  "transposed convolution with instance normalisation": [
    [2, 3, 5],
    (generator) =>
      of(
        new nn.Sequential(
          ...[new nn.ConvTranspose1d(3, 4, 4, { stride: 2, generator }), new nn.InstanceNorm1d(4, { affine: true })],
          ...[new nn.Tanh(), new nn.AvgPool1d(2), new nn.Conv1d(4, 2, 3, { generator })],
        ),
      ),
  ],
  RNN: [[3, 2, 3], (generator) => first(new nn.RNN(3, 4, { bidirectional: true, generator }))],
  "LSTM with dropout": [[3, 2, 3], (generator) => first(new nn.LSTM(3, 4, { numLayers: 2, dropout: 0.4, generator }))],
  GRU: [[2, 3, 3], (generator) => first(new nn.GRU(3, 4, { numLayers: 2, batchFirst: true, generator }))],
  "transformer with dropout": [
    [2, 5, 8],
    (generator) => {
      const options = { dimFeedforward: 16, dropout: 0.2, batchFirst: true, generator, activation: "gelu" } as const;
      const net = new nn.ModuleList<nn.AnyModule>([
        ...[
          new nn.SinusoidalEncoding({ batchFirst: true }),
          new nn.TransformerEncoderLayer(8, 2, { ...options, normFirst: true }),
        ],
        new nn.TransformerDecoderLayer(8, 2, options),
      ]);
      const [encode, encoder, decoder] = net as Iterable<unknown> as [
        ...[nn.SinusoidalEncoding, nn.TransformerEncoderLayer, nn.TransformerDecoderLayer],
      ];
      return { net, forward: (x) => decoder(x, encoder(encode(x), { isCausal: true })) };
    },
  ],
};

describe.each(Object.entries(families))("%s", (_, [shape, make]) => {
  const begin = () => {
    const generator = new Generator(7);
    const model = make(generator);
    const optimizer = new Adam(model.net.parameters(), { lr: 0.01 });
    const step = (x: Tensor): Tensor => optimizer.minimize(() => model.forward(x).square().mean());
    const state = (): unknown => ({
      variables: Object.entries(model.net.stateDict()).map(([name, v]) => [name, v.toArray()]),
      generator: generator.state.toArray(),
    });
    return { model, step, state };
  };

  test("compiled steps have the bits of eager ones, and so has the use afterwards", () => {
    const [eager, compiled] = [begin(), begin()];
    const program = compile(compiled.step);
    const data = new Generator(3);
    for (let i = 0; i < 2; i++) {
      const x = data.normal(shape);
      expect(program(x).item()).toBe(eager.step(x).item());
      expect(compiled.state()).toEqual(eager.state());
    }
    const x = data.normal(shape);
    const use = compile((y: Tensor) => compiled.model.forward(y));
    expect(use(x).toArray()).toEqual(eager.model.forward(x).toArray());
    eager.model.net.eval();
    compiled.model.net.eval();
    expect(use(x).toArray()).toEqual(eager.model.forward(x).toArray());
  });

  test("every parameter has a gradient", () => {
    const { model } = begin();
    model.forward(new Generator(3).normal(shape)).square().mean().backward();
    expect(
      model.net
        .namedParameters()
        .filter(([, p]) => !p.grad)
        .map(([name]) => name),
    ).toEqual([]);
  });
});
