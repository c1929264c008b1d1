// What the compiler infers for those who use the package, and what it refuses. It is compiled, and never run.
import * as w from "wengert";
import type { Tensor } from "wengert";
import { collate, Dataset, DataLoader, precisionRecallF1, type ScoreOptions } from "wengert/data";
import { formatNpz, formatSafetensors } from "wengert/io";
import { Linear, Module, Sequential } from "wengert/nn";
import { Adam, clipGradNorm, SGD, type ParameterTree } from "wengert/optim";
import { expose, startWorker, type TaskContext } from "wengert/worker";

type Equal<X, Y> = (<T>() => T extends X ? 1 : 2) extends <T>() => T extends Y ? 1 : 2 ? true : false;
/** Whether a value is of exactly a type: `is<Tensor>()(x)`. */
declare function is<T>(): <U>(value: U, ...different: Equal<U, T> extends true ? [] : [never]) => void;

/** As an interface, which has no index signature, unlike the alias of a type. */
interface Weights {
  w: Tensor;
  b?: Tensor;
}

export function derivatives(x: Tensor, weights: Weights): void {
  const loss = (p: Weights, x: Tensor): Tensor => x.mul(p.w).sum();
  const options: w.GradOptions = { argnums: 0 };
  is<Tensor>()(w.grad((x: Tensor) => x.sum(), options)(x));
  is<Tensor>()(w.grad(loss)(weights, x).w);
  const gradients: Weights = w.grad(loss)(weights, x);
  // Of what an operation takes for a tensor, tensors, typed arrays and numbers are left.
  w.grad((x: w.TensorLike) => w.sum(x))(2);
  w.grad(w.sum)(x);
  // @ts-expect-error: an array is a tree, of which sum makes nothing
  w.grad(w.sum)([1, 2]);
  w.vmap((x: Tensor, p: Weights) => x.mul(p.w))(new Float32Array(3), gradients);
  // @ts-expect-error: a number stays one in a function of examples
  w.vmap((x: Tensor, y: Tensor) => x.mul(y))(x, 2);

  const second = w.hessian((x: Tensor, p: { w: Tensor }) => x.mul(p.w).sum(), { argnums: 1 })(x, { w: x });
  is<Tensor>()(second.w.w);
  is<Tensor>()(w.numericalGradient((x: Tensor, p: { w: Tensor }) => p.w.sum(), { argnums: 1 })(x, { w: x }).w);
  is<Tensor>()(w.numericalJacobian((x: Tensor, p: { w: Tensor }) => p.w, { argnums: 1 })(x, { w: x }).w);

  const product = w.customGradient((x: Tensor, y: Tensor) => x.mul(y), {
    vjp: (g, { inputs: [x, y] }) => [g.mul(y), g.mul(x)],
    jvp: ([s, t], { inputs: [x, y] }) => (s?.mul(y) ?? x.mul(0)).add(t?.mul(x) ?? 0),
  });
  is<Tensor>()(product(x, 2));
}

/** A generic function hands on what it is given. */
export function gradientOf<T>(loss: (p: T, x: Tensor) => Tensor, p: T, x: Tensor): w.Gradient<T> {
  return w.grad(loss)(p as w.Differentiable<T>, x);
}

export function programs(x: Tensor, weights: Weights): void {
  const scaled = w.compile((p: Weights): Weights => ({ w: p.w.mul(2) }));
  is<Weights>()(scaled(weights));
  // An interface of numbers is a tree as any other: in goes { w: 1 }, and numbers come out.
  is<number>()(scaled({ w: 1 }).w);
  is<number>()(w.compile((p: { w: Tensor }, mode: "a" | "b") => p.w.add(mode === "a" ? 1 : 2))({ w: 1 }, "a"));
  is<Tensor>()(w.compile((p: Weights, x: Tensor) => p.w.mul(x))({ w: new Float32Array(3) }, x));
  is<Tensor>()(w.compile((m: Linear, x: Tensor) => m(x), { static: [0] })(new Linear(1, 1), x));
  const bound = scaled.bind([{ w: new Float32Array(3) }]);
  is<Tensor>()(bound().w);
}

/** Numbers that a loop begins with become tensors. */
export function loops(x: Tensor): void {
  const counted = w.whileLoop(
    ({ i }) => i.lt(3),
    ({ i, y }) => ({ i: i.add(1), y: y.mul(2) }),
    { i: 0, y: x },
  );
  is<{ i: Tensor; y: Tensor }>()(counted);
  is<Tensor>()(w.whileLoop((i) => i.lt(3), (i) => i.add(1), 0)); // prettier-ignore
  is<[Tensor, Tensor]>()(w.whileLoop(([i]) => i.lt(3), ([i, y]) => [i.add(1), y], [0, x])); // prettier-ignore
  is<Tensor>()(w.cond(true, () => 1, () => 2)); // prettier-ignore
  is<{ a: Tensor; b: Tensor; name: string }>()(
    w.cond(x.gt(0), (a: Tensor) => ({ a, b: 1, name: "yes" }), (a) => ({ a, b: 2, name: "no" }), x), // prettier-ignore
  );
  is<[Tensor, Tensor]>()(w.cond(true, () => [x, 1], () => [x, 2])); // prettier-ignore
  is<Tensor>()(w.cond(x.gt(0), (a: Tensor) => a.neg(), (a) => a, x)); // prettier-ignore
  is<Tensor>()(w.where(x.gt(0), x, 0));
  is<Tensor[]>()(w.where(x));
  const [total, parts] = w.scan((sum, x: Tensor) => [sum.add(x), { sum, count: 1 }], 0, x);
  is<Tensor>()(total);
  is<Tensor>()(parts.count);
  // @ts-expect-error: what is carried is a tensor
  w.whileLoop((i) => i < 3, (i) => i.add(1), 0); // prettier-ignore
}

class Head extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x.sum();
  }
}

export function models(model: Sequential, weights: { w: w.Variable }): void {
  // Its layers are given tensors, whatever it is given itself.
  is<Tensor>()(new Sequential(new Linear(1, 2), new Head())([[1]]));
  new SGD(weights);
  new SGD({ w: weights.w }, { lr: 1 });
  new SGD([{ params: model.parameters(), lr: 0.1 }]);
  const parameters: ParameterTree = model.parameters();
  clipGradNorm(parameters, 1);
  // @ts-expect-error: the model, and not its parameters
  new Adam(model);
  // @ts-expect-error: the method, and not what it gives
  new Adam(model.parameters);
  // @ts-expect-error: nothing
  clipGradNorm(undefined, 1);
}

interface Example {
  image: Float32Array;
  label: number;
  notes?: { id: number; text: string };
}

export function data(examples: readonly Example[], options: ScoreOptions, x: Tensor): void {
  const batch = collate(examples);
  is<Tensor>()(batch.image);
  is<{ id: Tensor; text: string[] } | undefined>()(batch.notes);
  for (const { label } of new DataLoader(Dataset.from(examples))) is<Tensor>()(label);
  const scores = precisionRecallF1(x, x, options);
  if (!Array.isArray(scores)) is<number>()(scores.f1);
}

export function files(named: { readonly w: Tensor }, weights: { w: w.Variable }): unknown[] {
  interface Named {
    readonly w: Tensor;
  }
  const given: Named = named;
  return [formatSafetensors(given), formatNpz(given), formatSafetensors(weights)];
}

/** What a worker does, as an interface that both sides know. */
interface Jobs {
  double(x: Tensor): Tensor;
  count(input: undefined, context: TaskContext<number>): Promise<void>;
  stop(): void;
}

export async function worker(x: Tensor): Promise<void> {
  const jobs: Jobs = { double: (x) => x.mul(2), count: async () => {}, stop: () => {} };
  expose({ ...jobs });
  const started = await startWorker<Jobs>("worker.js");
  is<Tensor>()((await started.run("double", x).result).toTensor());
  started.run("stop");
  for await (const progress of started.run("count")) is<number>()(progress);
  // @ts-expect-error: what it doubles
  started.run("double");
}
