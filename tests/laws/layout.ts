import { backward, scope, type DTypeName, type Tensor } from "../../bindings/index.js";
import { checkSame, checkUlps } from "../support/compare.js";
import { build, get, toPlain, toTensor, type Plain } from "../support/plain.js";
import { call, draw, dtypesOf, gradients, floatInputs, tensorsOf, type Law, type Row } from "./row.js";

/** The same values, lying otherwise in memory. */
type Layout = (x: Plain, dtype: DTypeName) => Tensor;

function turned(x: Plain): Plain {
  return build([...x.shape].reverse(), (at) => get(x, [...at].reverse()));
}

const axesOf = (x: Plain) => x.shape.map((_, axis) => axis);

const layouts: Readonly<Record<string, Layout>> = {
  transposed: (x, dtype) => toTensor(turned(x), dtype).permute(axesOf(x).reverse()),
  reversed: (x, dtype) =>
    toTensor(
      build(x.shape, (at) =>
        get(
          x,
          at.map((i, axis) => x.shape[axis]! - 1 - i),
        ),
      ),
      dtype,
    ).flip(),
  // Every second element of a larger array, the first left out.
  stepped: (x, dtype) => {
    const wide = build(
      x.shape.map((length) => 2 * length + 1),
      (at) =>
        at.every((i) => i % 2 === 1)
          ? get(
              x,
              at.map((i) => (i - 1) / 2),
            )
          : 1,
    );
    return toTensor(wide, dtype).slice(...x.shape.map((): [number, null, number] => [1, null, 2]));
  },
  // Dense, but one element on: no vector is aligned.
  shifted: (x, dtype) =>
    toTensor({ shape: [x.data.length + 1], data: [1, ...x.data] }, dtype)
      .slice([1])
      .reshape(x.shape),
};

/** The first position along every axis, repeated. */
function constantAlong(x: Plain, axis: number): Plain {
  return build(x.shape, (at) =>
    get(
      x,
      at.map((i, j) => (j === axis ? 0 : i)),
    ),
  );
}

function expandedAlong(axis: number): Layout {
  return (x, dtype) =>
    toTensor(
      build(
        x.shape.map((n, i) => (i === axis ? 1 : n)),
        (at) => get(x, at),
      ),
      dtype,
    ).expand(x.shape);
}

function compare(row: Row, what: string, got: Tensor, want: Tensor, scale?: Plain): void {
  if (got.dtype !== want.dtype) throw new Error(`${row.name}, ${what}: ${got.dtype} instead of ${want.dtype}`);
  const { ulps = 0 } = row.reference;
  if (ulps === 0 || row.reference.elementwise) checkSame(`${row.name}, ${what}`, toPlain(got), toPlain(want));
  else checkUlps(`${row.name}, ${what}`, toPlain(got), toPlain(want), ulps, got.dtype, scale);
}

/** Calls the operation with all inputs in each of some layouts, and with each of them alone. */
function checkLayouts(
  row: Row,
  params: unknown,
  values: readonly Plain[],
  types: readonly DTypeName[],
  layouts: Readonly<Record<string, Layout>>,
): void {
  const scale = row.reference.scale?.(values, params);
  const dense = tensorsOf(values, types);
  const want = call(row, dense, params);
  for (const [name, layout] of Object.entries(layouts)) {
    const laid = values.map((x, i) => layout(x, types[i]!));
    // Of one input alone, that is all of them.
    for (const chosen of values.length === 1 ? [null] : [null, ...values.keys()]) {
      const inputs = values.map((_, i) => (chosen === null || chosen === i ? laid[i]! : dense[i]!));
      compare(row, `${name}${chosen === null ? "" : ` argument ${chosen}`}`, call(row, inputs, params), want, scale);
    }
  }
}

/** Views give the values of dense copies: bit for bit wherever the kernel does not add up in another order. */
export const layoutLaw: Law = {
  name: "views equal dense copies",
  appliesTo: ({ primitive, reference }) =>
    !reference.dense && primitive.samples().some(({ inputs }) => inputs.length > 0),
  check(row, random) {
    const large = (row.reference.large ?? []).filter((_, i) => i % 3 === 0);
    for (const { inputs, params } of [...row.primitive.samples(), ...large]) {
      const sample = { inputs, params };
      for (const dtype of ["f64", "f32", ...(row.reference.integers ?? [])] as const) {
        const values = draw(sample, random, dtype);
        const types = dtypesOf(sample, dtype);
        scope(() => checkLayouts(row, params, values, types, layouts));
        const axes = Math.min(...values.map((x) => x.shape.length)) - (row.reference.regular ? 2 : 0);
        for (let axis = 0; axis < axes; axis++) {
          const repeated = values.map((x) => constantAlong(x, axis));
          scope(() => checkLayouts(row, params, repeated, types, { [`expanded along ${axis}`]: expandedAlong(axis) }));
        }
      }
    }
  },
};

/** An adjoint that is a view gives the gradients of a dense one. */
export const adjointLayoutLaw: Law = {
  name: "adjoints that are views",
  appliesTo: ({ primitive }) => primitive.derivative.kind !== "none",
  check(row, random) {
    for (const sample of row.primitive.samples()) {
      const values = draw(sample, random);
      const pulled = (adjoint: (shape: readonly number[]) => Tensor) =>
        scope(() => {
          const inputs = tensorsOf(values, dtypesOf(sample, "f64"), true);
          const y = call(row, inputs, sample.params);
          backward(y, { gradient: adjoint(y.shape) });
          return gradients(floatInputs(sample).map((i) => inputs[i]!));
        });
      let g: Plain | undefined;
      const weights = (shape: readonly number[]) => (g ??= build(shape, () => random.uniform(-1, 1)));
      const want = pulled((shape) => toTensor(weights(shape), "f64"));
      for (const [name, layout] of Object.entries(layouts)) {
        const got = pulled((shape) => layout(weights(shape), "f64"));
        for (const [i, x] of got.entries())
          checkUlps(`${row.name}, ${name} adjoint, argument ${i}`, x, want[i]!, 8, "f64");
      }
    }
  },
};
