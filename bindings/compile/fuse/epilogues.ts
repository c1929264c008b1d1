import type { Epilogue, Primitive } from "../../core/graph.js";
import { sameShape } from "../../core/shape.js";
import { isWhole, readersOf, type Graph, type Operand, type Step, type Value } from "../capture/graph.js";

/**
 * Lets products do what is done to their elements next, while these are near: add a bias to every row, and one function of
 * each. So it is where nobody else reads what is between; the bits are those of separate steps.
 */
export function withEpilogues(graph: Graph): Graph {
  const readers = readersOf(graph);
  const steps: (Step | null)[] = [...graph.steps];
  for (const at of graph.steps.keys()) {
    const { primitive } = graph.steps[at]!;
    if (!primitive.product) continue;
    const absorbed = [at];
    let bias: Operand | undefined;
    let activation: Primitive | undefined;
    while (!activation) {
      const from = graph.steps[absorbed[absorbed.length - 1]!]!.outputs[0]!;
      const next = onlyReader(from, graph, readers);
      const step = next === undefined ? undefined : graph.steps[next]!;
      // Of two products that are added, the first takes the other as its bias.
      if (!step || steps[next!] !== step || !followsOn(step, from)) break;
      const added = step.inputs.find(({ value }) => value !== from);
      if (step.primitive.activation !== undefined) activation = step.primitive;
      else if (!bias && primitive.product.bias && added && isBias(step, added)) bias = added;
      else break;
      absorbed.push(next!);
    }
    if (absorbed.length === 1) continue;
    const last = absorbed[absorbed.length - 1]!;
    for (const i of absorbed) steps[i] = null;
    steps[last] = joined(graph.steps[at]!, graph.steps[last]!, bias, activation);
  }
  return { ...graph, steps: steps.filter((step) => step !== null) };
}

/** The position of the step that alone reads a value, which is not wanted otherwise. */
function onlyReader(
  value: Value,
  { steps }: Graph,
  readers: ReadonlyMap<Value, readonly number[]>,
): number | undefined {
  const [next, ...others] = readers.get(value) ?? [];
  return others.length === 0 && next !== steps.length ? next : undefined;
}

/** Whether a step does something with each element of a value, where it lies. */
function followsOn({ primitive, inputs, outputs, parts }: Step, from: Value): boolean {
  const [to] = outputs;
  if (parts || primitive.batch !== "elementwise" || to!.dtype !== from.dtype || !sameShape(to!.shape, from.shape))
    return false;
  const read = inputs.filter(({ value }) => value === from);
  return read.length === 1 && isWhole(read[0]!) && sameShape(read[0]!.shape, from.shape);
}

/** Whether a step adds a vector to every row. */
function isBias({ primitive, outputs }: Step, { shape, elements, dense, value }: Operand): boolean {
  const columns = outputs[0]!.shape.at(-1)!;
  return primitive.lanes === "add" && dense && elements === columns && shape.at(-1) === columns && columns > 1 && value.dtype === outputs[0]!.dtype; // prettier-ignore
}

/** A product with what follows it. */
function joined(product: Step, last: Step, bias: Operand | undefined, activation: Primitive | undefined): Step {
  const { primitive, inputs } = product;
  const both: Primitive = {
    name: [primitive.name, ...(bias ? ["add"] : []), ...(activation ? [activation.name] : [])].join(" + "),
    infer: (x, params) => primitive.infer(x.slice(0, inputs.length), params),
    encode(tape, out, x, params) {
      const epilogue: Epilogue = {
        ...(bias && { bias: x[inputs.length]! }),
        ...(activation && { activation: activation.activation! }),
      };
      primitive.product!.encode(tape, out, x.slice(0, inputs.length), params, epilogue);
    },
    derivative: { kind: "none" },
    samples: () => [],
  };
  return { ...product, primitive: both, inputs: [...inputs, ...(bias ? [bias] : [])], outputs: last.outputs };
}
