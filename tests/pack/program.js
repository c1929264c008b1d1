// What a user of the package writes. It is compiled against the published types, and run in Node and in a page.
import { grad, ShapeError, tensor } from "wengert";
import { DataLoader } from "wengert/data";
import { Linear, Sequential, Tanh } from "wengert/nn";
import { SGD } from "wengert/optim";
/** Fits y = x² on [-1, 1] with a small network; the mean loss of the first pass and of the last. */
export function train(passes = 60) {
  const x = tensor(Array.from({ length: 64 }, (_, i) => [i / 32 - 1]));
  const data = { x, y: x.square() };
  const model = new Sequential(new Linear(1, 16), new Tanh(), new Linear(16, 1));
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
  const loader = new DataLoader(data, { batchSize: 16, shuffle: true });
  const losses = [];
  for (let pass = 0; pass < passes; pass++) {
    let sum = 0;
    for (const batch of loader) sum += optimizer.minimize(() => model(batch.x).mseLoss(batch.y)).item();
    losses.push(sum / loader.length);
  }
  return { first: losses[0] ?? NaN, last: losses.at(-1) ?? NaN };
}
/** The slope of x³ at 2, through the published types. */
export function slope() {
  return grad((x) => x.mul(x).mul(x))(tensor(2)).item();
}
/** The name of an error that the library throws, which minifying must leave alone. */
export function errorName() {
  try {
    tensor([1, 2]).add(tensor([1, 2, 3]));
    return "none";
  } catch (error) {
    return error instanceof ShapeError ? error.name : String(error);
  }
}
