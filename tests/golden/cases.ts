// The cases of a file: an operation on given inputs, with its values, and its derivatives in every mode.
import type { Tensor } from "wengert";
import { toleranceOf, type Check } from "./check.js";
import { choiceOf } from "./choices.js";
import { DTYPES, golden, type Pair } from "./compare.js";
import type { GoldenCase, GoldenFile, GoldenTensor, Named, ViewStep } from "./file.js";
import type { Lab } from "./library.js";
import { grouped } from "./inputs.js";
import { invoke } from "./operations.js";

/** In f32: linear algebra amplifies rounding by its condition number. */
const LINALG_LOOSER = { f32: 10 };

/** The checks of all cases: their values, vector-Jacobian, Jacobian-vector and Hessian-vector products. */
export function checksOfCases(file: GoldenFile): Check[] {
  return file.cases.flatMap((c): Check[] => {
    const viewed = c.inputs.some((input) => input.view.length > 0);
    const choice = choiceOf(c);
    const linalg = c.op.startsWith("linalg.") || c.op === "svdvals";
    const check = (mode: string, run: (lab: Lab) => readonly Pair[]): Check => ({
      id: viewed ? `${c.id} ${mode}` : c.id,
      section: viewed ? "views" : mode,
      level: c.level,
      name: c.op,
      run,
      tolerance: toleranceOf(file, c.tol, linalg ? LINALG_LOOSER : {}),
      rounding: linalg || c.tags.includes("special-values"),
      onlyF64: c.inputs.some(({ data }) => data.some(isBeyondF32)),
      ...(choice && { choice }),
    });
    const checks = [check("forward", (lab) => forward(lab, c))];
    const { vjp, jvp, hvp, tangents } = c;
    if (vjp && Object.keys(vjp).length > 0) checks.push(check("vjp", (lab) => reverse(lab, c, vjp)));
    if (jvp?.some((x) => x !== null) && tangents) checks.push(check("jvp", (lab) => tangent(lab, c, jvp, tangents)));
    if (hvp && tangents && Object.keys(hvp).length > 0) {
      checks.push(check("hvp", (lab) => hessianVector(lab, c, hvp, tangents)));
    }
    return checks;
  });
}

/** Whether a number is infinite or 0 in f32, and not in f64. */
function isBeyondF32(x: number): boolean {
  const rounded = Math.fround(x);
  return (rounded === 0 && x !== 0) || (Math.abs(rounded) === Infinity && Number.isFinite(x));
}

function forward(lab: Lab, c: GoldenCase): Pair[] {
  const outputs = outputsOf(
    lab,
    c,
    c.inputs.map((input) => lab.tensor(input)),
  );
  if (outputs.length !== c.outputs.length)
    throw new Error(`expected ${c.outputs.length} outputs, got ${outputs.length}`);
  return c.outputs.map((expected, i) => ({ where: `output ${i}`, expected, got: lab.values(outputs[i]) }));
}

/** The gradient of Σ_j <cotangent_j, output_j>. */
function reverse(lab: Lab, c: GoldenCase, vjp: Named): Pair[] {
  // Where it is missing, what is missing is the operation.
  const { inputs, positions } = prepared(lab, c);
  const gradients = lab.core.grad(objective(lab, c), { argnums: positions })(...inputs);
  return named(lab, c, positions, vjp, gradients);
}

/** The gradient of <gradient, tangents>: reverse over reverse, of the library's own `grad`. */
function hessianVector(lab: Lab, c: GoldenCase, hvp: Named, tangents: Named): Pair[] {
  const { inputs, positions } = prepared(lab, c);
  const gradients = lab.core.grad(objective(lab, c), { argnums: positions });
  const directions = positions.map((i) => lab.tensor(tangents[c.inputs[i]!.name]!));
  const along = (...xs: Tensor[]): Tensor => {
    const terms = gradients(...xs).map((g, i) => g.mul(directions[i]!).sum());
    return terms.reduce((sum, term) => sum.add(term));
  };
  const products = lab.core.grad(along, { argnums: positions })(...inputs);
  return named(lab, c, positions, hvp, products);
}

/** `jvp(f, primals, tangents)`, of the outputs that have tangents. */
function tangent(lab: Lab, c: GoldenCase, jvp: readonly (GoldenTensor | null)[], tangents: Named): Pair[] {
  const { inputs, positions } = prepared(lab, c);
  const wanted = jvp.flatMap((x, j) => (x ? [j] : []));
  const f = (...xs: Tensor[]): Tensor[] => {
    const all = inputs.map((x, i) => (positions.includes(i) ? xs[positions.indexOf(i)]! : x));
    const outputs = outputsOf(lab, c, all);
    return wanted.map((j) => outputs[j]!);
  };
  f(...positions.map((i) => inputs[i]!)); // Where the operation is missing, it is what is missing.
  const directions = positions.map((i) => lab.tensor(tangents[c.inputs[i]!.name]!));
  const primals = positions.map((i) => inputs[i]!);
  const [, results] = lab.find("jvp")(f, primals, directions) as readonly [unknown, readonly Tensor[]];
  return wanted.map((j, i) => ({ where: `jvp ${j}`, expected: jvp[j]!, got: lab.values(results[i]) }));
}

/** The inputs, and the positions of those that are differentiated. */
function prepared(lab: Lab, c: GoldenCase): { inputs: Tensor[]; positions: number[] } {
  return {
    inputs: c.inputs.map((input) => lab.tensor(input)),
    positions: c.inputs.flatMap(({ diff }, i) => (diff ? [i] : [])),
  };
}

/** Σ_j <cotangent_j, output_j> as a function of the inputs; 0 where no output has a cotangent. */
function objective(lab: Lab, c: GoldenCase): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const outputs = outputsOf(lab, c, inputs);
    const terms = outputs.flatMap((output, j) => {
      const cotangent = c.cotangents[j];
      return cotangent ? [output.mul(lab.tensor(cotangent)).sum()] : [];
    });
    return terms.length > 0 ? terms.reduce((sum, term) => sum.add(term)) : lab.tensor(golden(0));
  };
}

function outputsOf(lab: Lab, c: GoldenCase, bases: readonly Tensor[]): readonly Tensor[] {
  const inputs = bases.map((base, i) => c.inputs[i]!.view.reduce((x, step) => viewed(lab, x, step), base));
  const [first] = c.outputs;
  const made = first ? DTYPES[first.dtype](lab.dtype) : lab.dtype;
  // Floats made of whole numbers alone are of PyTorch's default type, which is f64 here; the library's own is f32.
  const floats = first?.dtype === "f64" && c.inputs.every(({ dtype }) => dtype !== "f64");
  const given = floats ? inputs.map((x) => (x.dtype === "i32" ? lab.core.cast(x, lab.dtype) : x)) : inputs;
  const names = c.inputs.map(({ name }) => name);
  return invoke(lab, c.op, grouped(names, given), c.args, made);
}

function viewed({ core }: Lab, x: Tensor, [name, ...args]: ViewStep): Tensor {
  const numbers = args as number[];
  switch (name) {
    case "transpose":
      return core.transpose(x, numbers[0], numbers[1]);
    case "permute":
      return core.permute(x, args[0] as number[]);
    case "expand":
      return core.expand(x, args[0] as number[]);
    case "reshape":
      return core.reshape(x, args[0] as number[]);
    case "slice": {
      const [axis, ...range] = args as [number, number | null, number | null, number | null];
      const at = axis < 0 ? axis + x.rank : axis;
      return core.slice(x, ...x.shape.map((_, i) => (i === at ? range : ([] as const))));
    }
    default:
      throw new Error(`expected a view by transpose, permute, slice, expand or reshape, got ${name}`);
  }
}

/** The gradients by name, beside what is expected of each. */
function named(
  lab: Lab,
  c: GoldenCase,
  positions: readonly number[],
  all: Named,
  gradients: readonly Tensor[],
): Pair[] {
  return Object.entries(all).map(([name, expected]) => {
    const at = positions.findIndex((i) => c.inputs[i]!.name === name);
    if (at < 0) throw new Error(`${name} is not among the differentiated inputs of ${c.id}`);
    return { where: name, expected, got: lab.values(gradients[at]) };
  });
}
