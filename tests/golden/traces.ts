// The section of traces: the nodes of a graph, their values, tangents and adjoints.
import type { Tensor } from "wengert";
import { hessianPairs, matrixAt, type Parts } from "./calculus.js";
import { golden, type Pair, type Values } from "./compare.js";
import { parse, tensorOf, type Variables } from "./expression.js";
import { entryAt, numberAt, numbersAt, textAt, type Entry } from "./file.js";
import type { Lab } from "./library.js";

type Numbers = Readonly<Record<string, number>>;

/** Values of a trace's nodes. `used(name, by)` stands for node `name` where node `by` uses it. */
interface Trace {
  readonly nodes: readonly string[];
  run(
    lab: Lab,
    x: readonly Tensor[],
    used?: (name: string, by: string, value: Tensor) => Tensor,
  ): Record<string, Tensor>;
}

export function partsOfTrace(entry: Entry): Parts {
  const x = numbersAt(entry["x"], "x");
  const trace = traceOf(entry);
  const point = (lab: Lab): Tensor[] => x.map((value) => lab.scalar(value));
  const formula = parse(textAt(entry["expr"], "expr").replace(/^\s*\w+\s*=/, ""));
  const value = (lab: Lab) => (p: Tensor) => tensorOf(lab, formula(lab, inputs(x.map((_, i) => lab.core.slice(p, i)))));
  const forward = numbersIn(entry["forward"], "forward");
  const gradient = numbersAt(entry["grad"], "grad");
  const hessian = matrixAt(entry["hessian"], "hessian");
  const parts: Record<string, Parts[string]> = {
    forward: (lab) => pairs(lab, forward, trace.run(lab, point(lab))),
    adjoints: (lab) =>
      pairs(lab, numbersIn(entry["reverse_adjoints"], "reverse_adjoints"), adjoints(lab, trace, point(lab))),
    contributions: (lab) => contributions(lab, trace, point(lab), entry),
    grad: (lab) => [
      { where: "grad", expected: golden(gradient), got: lab.values(lab.core.grad(value(lab))(lab.vector(x))) },
    ],
    hessian: (lab) => hessianPairs(lab, value(lab), lab.vector(x), hessian),
  };
  for (const key of Object.keys(entry)) {
    const [, name] = /^forward_tangent_d(\w+)$/.exec(key) ?? [];
    if (name === undefined) continue;
    parts[`tangents d${name}`] = (lab) => {
      const directions = x.map((_, i) => lab.scalar(`x${i + 1}` === name ? 1 : 0));
      const values = (...xs: Tensor[]): Tensor[] => Object.values(trace.run(lab, xs));
      const [, found] = lab.find("jvp")(values, point(lab), directions) as readonly [unknown, readonly Tensor[]];
      const byName = Object.fromEntries(trace.nodes.map((node, i) => [node, found[i]!]));
      return pairs(lab, numbersIn(entry[key], key), byName);
    };
  }
  return parts;
}

function traceOf(entry: Entry): Trace {
  const nodes = Object.entries(entryAt(entry["nodes"], "nodes")).map(
    ([name, text]) => [name, parse(textAt(text, `nodes.${name}`))] as const,
  );
  return {
    nodes: nodes.map(([name]) => name),
    run(lab, x, used = (_name, _by, value) => value) {
      const values: Record<string, Tensor> = {};
      for (const [name, expression] of nodes) {
        const seen = Object.entries(values).map(([other, value]) => [other, used(other, name, value)]);
        const computed = tensorOf(lab, expression(lab, { ...inputs(x), ...(Object.fromEntries(seen) as Variables) }));
        values[name] = used(name, name, computed);
      }
      return values;
    },
  };
}

/** The arguments under their names x1, x2, .. */
function inputs(x: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(x.map((value, i) => [`x${i + 1}`, value]));
}

/** The adjoint of a node is the derivative of the result by something added to its value. */
function adjoints(lab: Lab, trace: Trace, x: readonly Tensor[]): Record<string, Tensor> {
  const result = (added: Readonly<Record<string, Tensor>>): Tensor => {
    const values = trace.run(lab, x, (name, by, value) => (name === by ? value.add(added[name]!) : value));
    return values[trace.nodes[trace.nodes.length - 1]!]!;
  };
  const nothing = Object.fromEntries(trace.nodes.map((name) => [name, lab.scalar(0)]));
  return lab.core.grad(result)(nothing);
}

/** The part of a node's adjoint that comes from one of its uses: by something added only there. */
function contributions(lab: Lab, trace: Trace, x: readonly Tensor[], entry: Entry): Pair[] {
  const all = Object.entries(entryAt(entry["reverse_contributions"] ?? {}, "reverse_contributions"));
  return all.flatMap(([node, uses]) =>
    Object.entries(numbersIn(uses, `reverse_contributions.${node}`)).map(([use, number]) => {
      const user = use.replace(/^from_/, "");
      const result = (added: Tensor): Tensor => {
        const values = trace.run(lab, x, (name, by, value) =>
          name === node && by === user ? value.add(added) : value,
        );
        return values[trace.nodes[trace.nodes.length - 1]!]!;
      };
      const got = lab.values(lab.core.grad(result)(lab.scalar(0)));
      return { where: `${node} ${use}`, expected: golden(number), got };
    }),
  );
}

function numbersIn(value: unknown, where: string): Numbers {
  return Object.fromEntries(
    Object.entries(entryAt(value, where)).map(([name, x]) => [name, numberAt(x, `${where}.${name}`)]),
  );
}

function pairs(lab: Lab, expected: Numbers, got: Readonly<Record<string, Tensor>>): Pair[] {
  return Object.entries(expected).map(([name, number]): Pair => {
    const values: Values = lab.values(got[name]);
    return { where: name, expected: golden(number), got: values };
  });
}
