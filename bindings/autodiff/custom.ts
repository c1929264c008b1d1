import { alias, isTracking, makeNode } from "../core/running/apply.js";
import { checkFunction } from "../core/checks.js";
import { asTensor, type TensorLike } from "../core/values/create.js";
import { isDifferentiable, nextNodeSerial, Tensor, type Node, type Primitive, type Values } from "../core/graph.js";
import { operations } from "../core/operations.js";
import { checkOptions } from "../core/options.js";
import { dispose } from "../core/running/scopes.js";
import { sameShape, showShape } from "../core/shape.js";
import { DTypeError, GradientError, ShapeError } from "../errors.js";
import { zerosLike } from "./calls/handles.js";
import { grad } from "./grad.js";
import { vmap } from "./vmap.js";

/** What a hand-coded rule may look at: the arguments, and the value. */
export interface CustomValues<A extends readonly Tensor[] = readonly Tensor[]> {
  /** The arguments. */
  readonly inputs: A;
  /** The value of the function at them. */
  readonly output: Tensor;
}

/** The derivative of a function of the tensors A, in one mode or in both. */
export interface CustomRules<A extends readonly Tensor[] = readonly Tensor[]> {
  /**
   * The adjoints of the arguments, from that of the value: one for each, of its shape and dtype, null for one that has none.
   * Written in operations of the library, so that it can be differentiated again.
   */
  vjp(g: Tensor, values: CustomValues<A>): Tensor | readonly (Tensor | null)[];
  /**
   * The tangent of the value, of its shape and dtype, from those of the arguments, null where there is none. Without, forward
   * mode is the transpose of `vjp`, which is linear in g.
   */
  jvp?(tangents: { readonly [K in keyof A]: Tensor | null }, values: CustomValues<A>): Tensor;
  /** What errors and pictures call it. By default the function's name. */
  name?: string;
}

/**
 * A function of tensors with a derivative written by hand: for speed, for numerical soundness, or on purpose another one, as
 * in straight-through estimators. f is not looked into. `checkGradients` compares the rules with numerical differentiation.
 * f may depend on its arguments alone: closing over a tensor that is tracked, or one example of a batch, is a GradientError.
 * A rule that closes over one has no derivative by it.
 */
export function customGradient<A extends readonly Tensor[]>(
  f: (...inputs: A) => Tensor,
  rules: CustomRules<NoInfer<A>>,
): (...inputs: { [K in keyof A]: TensorLike }) => Tensor;
export function customGradient(f: AnyTensorFunction, rules: CustomRules): (...inputs: readonly TensorLike[]) => Tensor {
  checkFunction("customGradient", "a function", f);
  checkFunction("customGradient", "a function", (rules as Partial<CustomRules> | undefined)?.vjp);
  checkOptions("customGradient", rules, { vjp: null, jvp: null, name: null });
  if (rules.jvp !== undefined) checkFunction("customGradient", "a function", rules.jvp);
  const name = rules.name ?? (f.name || "customGradient");
  const primitive: Primitive<Pick<Tensor, "shape" | "dtype">> = {
    name,
    infer: (_, value) => value,
    derivative: {
      kind: "custom",
      adjoints: (g, values) => pulled(name, rules, g, values),
      tangent: (tangents, values) => pushed(name, rules, tangents, values),
    },
    batch: (_, { inputs, batched }) => batchedOf(f, rules, batched)(...inputs),
    repeat: (inputs) => call(...inputs),
    samples: () => [],
  };
  const call = (...inputs: readonly TensorLike[]): Tensor => {
    const args = inputs.map((x) => asTensor(name, x));
    const output = valueOf(name, f, args);
    const tracked = !output.storage || (isTracking() && args.some((x) => x.node !== null));
    if (tracked && output.type.float)
      output.node = makeNode(primitive, args, { shape: output.shape, dtype: output.dtype }, output);
    return output;
  };
  return call;
}

/**
 * The value, without its graph. It is computed of arguments without theirs: if it has one nevertheless, f closes over
 * something, by which the rules give no derivative.
 */
function valueOf(name: string, f: AnyTensorFunction, args: readonly Tensor[]): Tensor {
  const bare = args.map((x) => (x.node && x.storage ? alias(x) : x));
  const since = nextNodeSerial();
  const y = f(...bare);
  if (!(y instanceof Tensor)) throw new GradientError(name, "a function whose value is a tensor", typeof y);
  if (y.node && closesOver(y.node, since, new Set(args.map((x) => x.node))))
    throw new GradientError(
      name,
      "a function of its arguments alone, since its rules give no derivative by anything else",
      "one that closes over a tracked or batched tensor; pass that as an argument, or stopGradient() of what is tracked",
    );
  const output = operations.detach(y);
  for (const [i, x] of bare.entries()) if (x !== args[i]) dispose(x);
  return output;
}

/** Whether a value depends on what was tracked, or had no values, before node number `since`, and is not given. */
function closesOver(last: Node, since: number, given: ReadonlySet<Node | null>): boolean {
  const seen = new Set<Node | null>(given);
  const pending = [last];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.serial < since && !(node.untracked && node.output.storage)) return true;
    for (const x of node.inputs) if (x.node && (!x.storage || isDifferentiable(node))) pending.push(x.node);
  }
  return false;
}

/** The adjoints that a user's rule gives, one for each argument. */
function pulled(name: string, rules: CustomRules, g: Tensor, values: Values): readonly (Tensor | null)[] {
  const given: unknown = rules.vjp(g, values);
  const adjoints: readonly unknown[] = Array.isArray(given) ? given : [given];
  const { inputs } = values;
  if (adjoints.length !== inputs.length)
    throw new GradientError(name, `adjoints of ${inputs.length} arguments from its vjp`, `${adjoints.length}`);
  return inputs.map((x, i) => {
    const adjoint = adjoints[i];
    return adjoint === null || !x.type.float ? null : alike(name, adjoint, x, `an adjoint of argument ${i}, or null`);
  });
}

/** The tangent that a user's rule gives. */
function pushed(name: string, rules: CustomRules, tangents: readonly (Tensor | null)[], values: Values): Tensor {
  if (!rules.jvp) return transposed(name, rules, tangents, values);
  return alike(name, rules.jvp(tangents, values), values.output, "a tangent of the value");
}

/** What a rule returned, of the shape and dtype of what it belongs to. */
function alike(name: string, given: unknown, x: Tensor, what: string): Tensor {
  const show = ({ dtype, shape }: Tensor): string => `${dtype} ${showShape(shape)}`;
  if (!(given instanceof Tensor)) throw new GradientError(name, `${what}: ${show(x)}`, typeof given);
  if (!sameShape(given.shape, x.shape)) throw new ShapeError(name, `${what}: ${show(x)}`, show(given));
  if (given.dtype !== x.dtype) throw new DTypeError(name, `${what}: ${show(x)}`, show(given));
  return given;
}

/** The tangent by the transpose of the vjp: the gradient of g -> Σ <vjp(g), tangents>, which is the same at any g. */
function transposed(name: string, rules: CustomRules, tangents: readonly (Tensor | null)[], values: Values): Tensor {
  const along = (g: Tensor): Tensor => {
    const terms = pulled(name, rules, g, values).flatMap((adjoint, i) => {
      const t = tangents[i];
      return adjoint && t ? [operations.sum(operations.mul(adjoint, t))] : [];
    });
    return terms.length > 0
      ? terms.reduce((sum, term) => operations.add(sum, term))
      : operations.sum(operations.mul(g, 0));
  };
  return grad(along)(zerosLike(values.output));
}

/** The function over a batch, with its rules over the batch. */
function batchedOf(
  f: (...inputs: never) => Tensor,
  rules: CustomRules,
  batched: readonly boolean[],
): AnyTensorFunction {
  const axes = batched.map((each) => (each ? 0 : null));
  const { jvp, name = f.name } = rules;
  return customGradient(vmap(f as AnyTensorFunction, { inAxes: axes }) as AnyTensorFunction, {
    name,
    vjp(g, { inputs, output }) {
      const each = (g: Tensor, y: Tensor, ...xs: Tensor[]): readonly (Tensor | null)[] =>
        pulled(name, rules, g, { inputs: xs, output: y, params: null });
      const adjoints = vmap(each, { inAxes: [0, 0, ...axes] })(g, output, ...inputs);
      return adjoints.map((adjoint, i) => (adjoint && !batched[i] ? operations.sum(adjoint, 0) : adjoint));
    },
    ...(jvp && {
      jvp: (tangents, { inputs, output }) =>
        vmap((ts: readonly (Tensor | null)[], y: Tensor, ...xs: Tensor[]) => jvp(ts, { inputs: xs, output: y }), {
          inAxes: [axes, 0, ...axes],
        })(tangents, output, ...inputs),
    }),
  });
}

type AnyTensorFunction = (...inputs: Tensor[]) => Tensor;
