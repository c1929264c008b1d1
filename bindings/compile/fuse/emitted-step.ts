import { addressOf, encodeEmitted } from "../../core/encode/encode.js";
import { dtypes } from "../../core/dtype.js";
import type { Primitive } from "../../core/graph.js";
import { isDense, sizeOf, type Shape } from "../../core/shape.js";
import type { Expression } from "../emit/expression.js";
import type { Step, Value } from "../capture/graph.js";
import { boxOf, type Group, type Spread } from "./groups.js";
import { expressionOf, readsOf, type Phase } from "./phases.js";

/** A call of an emitted function: everything but addresses. */
export interface EmittedParams {
  /** Its place in the table of functions. */
  place: number;
  readonly rows: number;
  readonly columns: number;
  /** Bytes from row to row of the outputs, then of the inputs. */
  readonly steps: readonly number[];
}

/** A function that a program calls, and how. */
export interface EmittedLoop {
  readonly expression: Expression;
  readonly params: EmittedParams;
}

/** A step that an emitted function does. */
export function emittedStep(
  { shape }: Group,
  phase: Extract<Phase, { kind: "emitted" }>,
  writes: readonly Value[],
): EmittedLoop & { readonly step: Step } {
  const reads = readsOf(phase.steps);
  // They may lie in fewer dimensions than all that the group reads.
  const { rows, columns, strides } = boxOf(shape, reads)!;
  const expression = expressionOf(phase, reads, strides.map(([, column]) => column === 1), writes); // prettier-ignore
  const params: EmittedParams = {
    place: 0,
    rows,
    columns,
    steps: [
      ...writes.map(({ dtype }) => columns * dtypes[dtype].bytes),
      ...reads.map(({ value }, i) => {
        const [row, column] = strides[i]!;
        return (rows === 1 ? column * columns : row) * dtypes[value.dtype].bytes;
      }),
    ],
  };
  const over = writes.map((output) => reads.flatMap((x) => (mayBecome(x, output, reads, shape) ? x.value : [])));
  const step = fusedStep(phase.steps, shape, reads, writes, over, (tape, addresses, inputs) => {
    const all = [...addresses, ...inputs.map(addressOf)];
    encodeEmitted(tape, params.place, rows, columns, all.map((address, i) => [address, params.steps[i]!])); // prettier-ignore
  });
  return { step, expression, params };
}

/** Whether an operand has its elements in the places of an output's, and is the only one of its value. */
export function mayBecome(x: Spread, output: Value, among: readonly Spread[], shape: readonly number[]): boolean {
  const sameSize = x.value.size === output.size && dtypes[x.value.dtype].bytes === dtypes[output.dtype].bytes;
  const alone = among.every((other) => other === x || other.value !== x.value);
  return sameSize && alone && x.offset === 0 && isDense(shape, x.strides);
}

/** A step that stands for several, and can only be encoded. It reads these over a shape. */
export function fusedStep(
  steps: readonly Step[],
  shape: Shape,
  reads: readonly Spread[],
  outputs: readonly Value[],
  over: NonNullable<Step["over"]>,
  encodeParts: NonNullable<Primitive["encodeParts"]>,
): Step {
  return {
    primitive: {
      name: `fused(${steps.map(({ primitive }) => primitive.name).join(", ")})`,
      infer: ([x]) => x!,
      encodeParts,
      derivative: { kind: "none" },
      samples: () => [],
    },
    params: null,
    inputs: reads.map((x) => ({ ...x, shape, elements: sizeOf(shape), dense: isDense(shape, x.strides) })),
    outputs,
    parts: true,
    over,
    repeated: false,
  };
}
