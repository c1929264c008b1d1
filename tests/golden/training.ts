// The section of training: models with given parameters, trained for some steps by the library's optimisers.
import type { Tensor, Variable } from "wengert";
import type { Parts } from "./calculus.js";
import { attention } from "./composed.js";
import { golden, type Pair } from "./compare.js";
import { entryAt, namedAt, numberAt, numbersAt, listAt, tensorAt, textAt, type Entry } from "./file.js";
import { camelCase, MissingOperation, type Lab } from "./library.js";
import { invoke } from "./operations.js";
import { optionNamed } from "./parameters.js";

type Parameters = Readonly<Record<string, Variable>>;

/** The loss of a model on a batch. */
type Loss = (lab: Lab, parameters: Parameters, x: Tensor, y: Tensor, entry: Entry) => Tensor;

/** What the runner needs of an optimiser. */
export interface Optimizer {
  lr: number;
  step(closure?: () => Tensor): Tensor | void;
  zeroGrad(): void;
}

export interface Scheduler {
  step(metric?: number): void;
}

const call = (lab: Lab, op: string, input: Tensor, args: Entry = {}): Tensor => invoke(lab, op, { input }, args)[0]!;

const crossEntropy = (lab: Lab, input: Tensor, target: Tensor): Tensor =>
  invoke(lab, "cross_entropy", { input, target }, {})[0]!;

const LOSSES: Readonly<Record<string, Loss>> = {
  /** Linear layers with an activation between them. */
  mlp: (lab, p, x, y, entry) => {
    const activation = textAt(entry["activation"], "activation");
    const layers = listAt(entry["layers"], "layers").length - 1;
    let h = x;
    for (let i = 0; i < layers; i++) {
      h = lab.core.linear(h, p[`layers.${i}.weight`]!, p[`layers.${i}.bias`] ?? null);
      if (i === layers - 1) break;
      h = activation === "gelu_tanh" ? call(lab, "gelu", h, { approximate: "tanh" }) : call(lab, activation, h);
    }
    return invoke(lab, textAt(entry["loss"], "loss"), { input: h, target: y }, {})[0]!;
  },

  cnn: (lab, p, x, y, entry) => {
    const spec = textAt(entry["spec"], "spec");
    if (spec !== CNN) throw new MissingOperation(`model ${spec}`);
    const weights = { weight: p["conv.weight"]!, bias: p["conv.bias"]! };
    const convolved = invoke(lab, "conv2d", { input: x, ...weights }, { padding: 1 })[0]!;
    const pooled = call(lab, "max_pool2d", lab.core.relu(convolved), { kernel_size: 2 });
    return crossEntropy(lab, lab.core.linear(lab.core.flatten(pooled, 1), p["fc.weight"]!, p["fc.bias"]), y);
  },

  /** A language model of one block, as the README of this folder describes it. */
  gpt: (lab, p, x, y, entry) => {
    const { core } = lab;
    const norm = (h: Tensor, name: string): Tensor =>
      invoke(
        lab,
        "layer_norm",
        { input: h, weight: p[`${name}.weight`]!, bias: p[`${name}.bias`]! },
        { normalized_shape: [h.shape[h.rank - 1]!], eps: 1e-5 },
      )[0]!;
    let h = core.embedding(p["wte"]!, x).add(p["wpe"]!);
    const mixed = attention(lab, core.linear(norm(h, "ln1"), p["w_qkv"]!), entry["num_heads"] as number, true);
    h = h.add(core.linear(mixed, p["w_o"]!));
    const inner = call(lab, "gelu", core.linear(norm(h, "ln2"), p["w_fc"]!, p["b_fc"]), { approximate: "tanh" });
    h = h.add(core.linear(inner, p["w_proj"]!, p["b_proj"]));
    const logits = core.linear(norm(h, "lnf"), p["head"]!);
    return crossEntropy(lab, core.reshape(logits, [-1, logits.shape[logits.rank - 1]!]), core.reshape(y, [-1]));
  },
};

const CNN =
  "x[N,1,8,8] -> conv2d(conv.*, padding=1) -> relu -> max_pool2d(2) -> flatten(1) -> linear(fc.*) -> cross_entropy(mean)";

/** What one step of training gives: the loss before it, and what the entry tells besides. */
interface Step {
  readonly loss: Tensor;
  /** The gradients of the parameters, before they are clipped; none where the entry does not tell them. */
  readonly gradients: Readonly<Record<string, Tensor | null>>;
  /** The norm of the gradients before they are clipped. */
  readonly norm: Tensor | null;
}

/** The curve of losses, the parameters at the end, and what else the entry tells: of eager steps, and of compiled ones. */
export function partsOfTraining(entry: Entry): Parts {
  const eager = { run: (lab: Lab) => train(lab, entry, (step) => step) };
  // Its line search decides by values how often the loss is computed.
  if (entryAt(entry["optimizer"], "optimizer")["name"] === "LBFGS") return eager;
  return { ...eager, compiled: (lab) => train(lab, entry, (step) => lab.core.compile(step)) };
}

function train(
  lab: Lab,
  entry: Entry,
  prepare: (step: (x: Tensor, y: Tensor) => Step) => (x: Tensor, y: Tensor) => Step,
): Pair[] {
  const { core } = lab;
  const kind = textAt(entry["kind"], "kind");
  const model = LOSSES[kind];
  if (!model) throw new MissingOperation(`model ${kind}`);
  const parameters = parametersOf(lab, entry);
  const data = entryAt(entry["data"], "data");
  const [x, y] = [lab.tensor(tensorAt(data["x"], "data.x")), lab.tensor(tensorAt(data["y"], "data.y"))];
  const optimizer = optimizerOf(lab, parameters, entryAt(entry["optimizer"], "optimizer"));
  const scheduler = entry["scheduler"] ? schedulerOf(lab, optimizer, entryAt(entry["scheduler"], "scheduler")) : null;
  const clip = entry["grad_clip"] ? clippingOf(lab, parameters, entryAt(entry["grad_clip"], "grad_clip")) : null;
  const batch = typeof entry["batch_size"] === "number" ? entry["batch_size"] : x.shape[0]!;
  const batches = Math.floor(x.shape[0]! / batch);
  const told = Object.keys(namedAt(entry["first_step_grads"], "first_step_grads") ?? {});

  const step = prepare((inputs, targets) => {
    let gradients: Step["gradients"] = {};
    let norm: Tensor | null = null;
    let calls = 0;
    const compute = (): Tensor => {
      optimizer.zeroGrad();
      const loss = model(lab, parameters, inputs, targets, entry);
      core.backward(loss);
      // A line search goes on from here.
      if (calls++ === 0) gradients = Object.fromEntries(told.map((name) => [name, parameters[name]?.grad ?? null]));
      norm = clip?.() ?? null;
      return loss;
    };
    const loss = optimizer.step(compute)!;
    return { loss, gradients, norm };
  });
  const losses: number[] = [];
  const norms: number[] = [];
  const firstGradients: Pair[] = [];
  for (let t = 0; t < numberAt(entry["steps"], "steps"); t++) {
    core.scope(() => {
      const from = (t % batches) * batch;
      const rows = (all: Tensor): Tensor => (batches === 1 ? all : core.slice(all, [from, from + batch]));
      const { loss, gradients, norm } = step(rows(x), rows(y));
      losses.push(core.item(loss));
      if (t === 0) firstGradients.push(...named(lab, entry, "first_step_grads", (name) => gradients[name]));
      if (norm) norms.push(core.item(norm));
      scheduler?.step(core.item(loss));
    });
  }
  const last = core.item(core.noGrad(() => model(lab, parameters, x, y, entry)));
  return comparisons(lab, entry, { losses, norms, last, firstGradients, parameters });
}

/** What came of a run. */
interface Trained {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  /** The loss of all examples in the end. */
  readonly last: number;
  readonly firstGradients: readonly Pair[];
  readonly parameters: Parameters;
}

/** What a run came to beside what the file says of it. */
function comparisons(lab: Lab, entry: Entry, { losses, norms, last, firstGradients, parameters }: Trained): Pair[] {
  const pairs = [numbers(lab, "losses", numbersAt(entry["losses"], "losses"), losses), ...firstGradients];
  if (entry["grad_norms_before_clip"] && norms.length > 0) {
    const expected = numbersAt(entry["grad_norms_before_clip"], "grad_norms_before_clip");
    pairs.push(numbers(lab, "grad_norms_before_clip", expected, norms));
  }
  if (entry["final_full_loss"] !== undefined) {
    const expected = numberAt(entry["final_full_loss"], "final_full_loss");
    pairs.push({ where: "final_full_loss", expected: golden(expected), got: lab.values(last) });
  }
  return [...pairs, ...named(lab, entry, "final_params", (name) => parameters[name])];
}

function parametersOf(lab: Lab, entry: Entry): Parameters {
  const initial = namedAt(entry["init_params"], "init_params") ?? {};
  const { dtype } = lab;
  const made = Object.entries(initial).map(([name, { shape, data }]): [string, Variable] => [
    name,
    lab.core.parameter(Float64Array.from(data), { shape, dtype, label: name }),
  ]);
  return Object.fromEntries(made);
}

/** `{ name, args }` with PyTorch's names: `new optim.Adam(parameters, { weightDecay })`. */
export function optimizerOf(lab: Lab, parameters: Parameters, spec: Entry): Optimizer {
  const Method = lab.findClass("optim", textAt(spec["name"], "optimizer.name"));
  return new Method(parameters, optionsOf(spec["args"])) as Optimizer;
}

/** `{ name, args }`: `new optim.StepLR(optimizer, { stepSize })`. Only one that follows a metric is given it. */
export function schedulerOf(lab: Lab, optimizer: Optimizer, spec: Entry): Scheduler {
  const made = scheduleOf(lab, optimizer, spec);
  return spec["name"] === "ReduceLROnPlateau" ? made : { step: () => made.step() };
}

/** Some are made of others, which are written in the same way. */
function scheduleOf(lab: Lab, optimizer: Optimizer, spec: Entry): Scheduler {
  const name = textAt(spec["name"], "scheduler.name");
  const Schedule = lab.findClass("optim", name);
  const { schedulers, ...args } = optionsOf(spec["args"]);
  if (schedulers === undefined) return new Schedule(optimizer, args) as Scheduler;
  const parts = listAt(schedulers, "schedulers").map((part, i) =>
    scheduleOf(lab, optimizer, entryAt(part, `schedulers[${i}]`)),
  );
  const made =
    name === "ChainedScheduler" ? new Schedule(parts) : new Schedule(optimizer, { ...args, schedulers: parts });
  return made as Scheduler;
}

/** Keyword arguments in camelCase. */
export function optionsOf(args: unknown): Entry {
  return Object.fromEntries(
    Object.entries(entryAt(args ?? {}, "args")).map(([name, value]) => [optionNamed(name) ?? camelCase(name), value]),
  );
}

/** Clips the gradients in place; the norm before that, where there is one. */
function clippingOf(lab: Lab, parameters: Parameters, clip: Entry): () => Tensor | null {
  const [name, limit] = clip["type"] === "norm" ? ["clip_grad_norm_", "max_norm"] : ["clip_grad_value_", "clip_value"];
  const apply = lab.lookup(name) ?? lab.findIn("optim", name);
  return () => {
    const norm = apply(Object.values(parameters), clip[limit]);
    return norm instanceof lab.core.Tensor ? norm : null;
  };
}

function numbers(lab: Lab, where: string, expected: readonly number[], got: readonly number[]): Pair {
  return { where, expected: golden(expected), got: { dtype: lab.dtype, shape: [got.length], data: got } };
}

function named(lab: Lab, entry: Entry, key: string, got: (name: string) => Tensor | null | undefined): Pair[] {
  const all = Object.entries(namedAt(entry[key], key) ?? {});
  return all.map(([name, expected]) => ({ where: `${key} ${name}`, expected, got: lab.values(got(name)) }));
}
