import type { Derivative, Partial, Primitive, Transpose } from "../../bindings/core/graph.js";
import type { Operations } from "../../bindings/core/operations.js";
import type { Tensor } from "../../bindings/index.js";
import { floatInputs } from "./row.js";

/** A primitive with one mistake in it. */
export interface Mutant {
  readonly name: string;
  readonly primitive: Primitive;
  /** Whether it only exchanges operands: of a commutative operation that is no mistake. */
  readonly exchange: boolean;
}

const FACTOR = 1.01;

type Rule = Transpose<unknown>["transpose"];
type Definition = (o: Operations, inputs: readonly Tensor[], params: unknown) => Tensor;

/** A list in which one element is changed: one list for each that is not null. */
function oneChanged<T>(list: readonly (T | null)[], change: (element: T) => T): (T | null)[][] {
  return list.flatMap((element, i) =>
    element === null ? [] : [list.map((other, j) => (j === i ? change(element) : other))],
  );
}

function exchanged<T>(list: readonly T[], [i, j]: readonly [number, number]): T[] {
  return list.map((element, k) => (k === i ? list[j]! : k === j ? list[i]! : element));
}

const scaledRule =
  (rule: Rule): Rule =>
  (o, g, values, argument) =>
    o.mul(rule(o, g, values, argument), FACTOR);
const scaledPartial =
  (partial: NonNullable<Partial>): Partial =>
  (o, x, y) =>
    o.mul(partial(o, x, y), FACTOR);

/** A derivative that is not right, and what is wrong with it. */
interface Wrong {
  readonly name: string;
  readonly derivative: Derivative;
}

/** The derivative with each of some lists in the place of one of its own. */
function withLists<D extends Derivative, K extends keyof D>(
  derivative: D,
  key: K,
  lists: readonly unknown[],
  name: (i: number) => string,
): Wrong[] {
  return lists.map((list, i) => ({ name: name(i), derivative: { ...derivative, [key]: list } }));
}

/** Every derivative with one factor wrong. */
function scaled(derivative: Derivative): Wrong[] {
  const transposes = (i: number): string => `transpose ${i} times ${FACTOR}`;
  switch (derivative.kind) {
    case "none":
    case "custom":
      return [];
    case "elementwise": {
      const off = oneChanged(derivative.partials, (partial) => scaledPartial(partial)!);
      const none = oneChanged(derivative.partials, (): Partial => null);
      const wrong = [
        ...withLists(derivative, "partials", off, (i) => `partial ${i} times ${FACTOR}`),
        ...withLists(derivative, "partials", none, (i) => `partial ${i} forgotten`),
      ];
      return derivative.singular
        ? [...wrong, { name: "not singular", derivative: { ...derivative, singular: false } }]
        : wrong;
    }
    case "linear": {
      const off = oneChanged(derivative.transposes, scaledRule);
      const wrong = withLists(derivative, "transposes", off, transposes);
      const { gather, tangent } = derivative;
      if (tangent) {
        const scaledTangent: typeof tangent = (o, ...rest) => o.mul(tangent(o, ...rest), FACTOR);
        wrong.push({ name: `tangent times ${FACTOR}`, derivative: { ...derivative, tangent: scaledTangent } });
      }
      if (!gather) return wrong;
      const scaledGather: typeof gather = (o, ...rest) => o.mul(gather(o, ...rest), FACTOR);
      return [...wrong, { name: `gather times ${FACTOR}`, derivative: { ...derivative, gather: scaledGather } }];
    }
    case "bilinear":
      return withLists(derivative, "transposes", oneChanged(derivative.transposes, scaledRule), transposes);
    case "tangent": {
      const tangent: typeof derivative.tangent = (o, ...rest) => o.mul(derivative.tangent(o, ...rest), FACTOR);
      const off = oneChanged(derivative.transposes ?? [], scaledRule);
      return [
        { name: `tangent times ${FACTOR}`, derivative: { ...derivative, tangent } },
        ...withLists(derivative, "transposes", off, transposes),
      ];
    }
    case "fused": {
      const definition: Definition = (o, ...rest) => o.mul(derivative.definition(o, ...rest), FACTOR);
      const off = oneChanged(derivative.backward ?? [], scaledRule);
      return [
        { name: `definition times ${FACTOR}`, derivative: { ...derivative, definition } },
        ...withLists(derivative, "backward", off, (i) => `backward ${i} times ${FACTOR}`),
      ];
    }
  }
}

/** The derivative with two operands exchanged: the rules themselves, and what each of them reads. */
function crossed(derivative: Derivative, pair: readonly [number, number]): Wrong[] {
  const reading = (rule: Rule | null): Rule | null =>
    rule && ((o, g, values, argument) => rule(o, g, { ...values, inputs: exchanged(values.inputs, pair) }, argument));
  switch (derivative.kind) {
    case "none":
    case "custom":
      return [];
    case "elementwise": {
      const { partials } = derivative;
      const misread = partials.map((partial): Partial => partial && ((o, x, y) => partial(o, exchanged(x, pair), y)));
      return [
        { name: "partials exchanged", derivative: { ...derivative, partials: exchanged(partials, pair) } },
        { name: "operands exchanged in the partials", derivative: { ...derivative, partials: misread } },
      ];
    }
    case "linear":
    case "bilinear": {
      if (derivative.kind === "linear" && derivative.variadic) return [];
      const transposes = derivative.transposes as readonly Rule[];
      return [
        { name: "transposes exchanged", derivative: { ...derivative, transposes: exchanged(transposes, pair) } },
        {
          name: "operands exchanged in the transposes",
          derivative: { ...derivative, transposes: transposes.map(reading) as Rule[] },
        },
      ];
    }
    case "tangent": {
      const tangent: typeof derivative.tangent = (o, tangents, values) =>
        derivative.tangent(o, exchanged(tangents, pair), values);
      return [{ name: "operands exchanged in the tangent", derivative: { ...derivative, tangent } }];
    }
    case "fused": {
      const definition: Definition = (o, inputs, params) => derivative.definition(o, exchanged(inputs, pair), params);
      return [{ name: "operands exchanged in the definition", derivative: { ...derivative, definition } }];
    }
  }
}

/** Every mutant of a primitive: its derivative a little wrong, or its operands exchanged. */
export function mutantsOf(primitive: Primitive): Mutant[] {
  const constant = { name: "declared constant", derivative: { kind: "none" } as Derivative };
  const differentiable = primitive.derivative.kind !== "none";
  const wrong = (differentiable ? [constant, ...scaled(primitive.derivative)] : []).map(({ name, derivative }) => ({
    name,
    primitive: { ...primitive, derivative },
    exchange: false,
  }));
  const [first, second] = floatInputs(primitive.samples()[0]!);
  if (first === undefined || second === undefined) return wrong;
  const pair = [first, second] as const;
  const kernel: Primitive = {
    ...primitive,
    infer: (inputs, params) => primitive.infer(exchanged(inputs, pair), params),
  };
  const { encode } = primitive;
  if (encode) kernel.encode = (tape, out, inputs, params) => encode(tape, out, exchanged(inputs, pair), params);
  return [
    ...wrong,
    { name: "operands exchanged in the kernel", primitive: kernel, exchange: true },
    ...crossed(primitive.derivative, pair).map(({ name, derivative }) => ({
      name,
      primitive: { ...primitive, derivative },
      exchange: true,
    })),
  ];
}
