import type { DTypeName } from "../../bindings/index.js";
import { WengertError } from "../../bindings/index.js";
import { apply } from "../../bindings/core/running/apply.js";
import type { Sample } from "../../bindings/core/graph.js";
import { checkSame, checkUlps } from "../support/compare.js";
import { rounded, toPlain, type Plain } from "../support/plain.js";
import { draw, dtypesOf, tensorsOf, type Law, type Row } from "./row.js";

/** One kernel call against the reference. */
function compare(row: Row, sample: Sample, values: readonly Plain[], dtype: DTypeName): void {
  const { primitive, reference } = row;
  const y = apply(primitive, tensorsOf(values, dtypesOf(sample, dtype)), sample.params);
  const exact = reference.value(values, sample.params, y.dtype);
  const want = { shape: exact.shape, data: exact.data.map((value) => rounded(value, y.dtype)) };
  const what = `${row.name} ${dtype} ${values.map((x) => `[${x.shape.join(", ")}]`).join(" ")}`;
  const ulps = y.dtype === "f32" || y.dtype === "f64" ? (reference.ulps ?? 0) : 0;
  if (ulps === 0) checkSame(what, toPlain(y), want);
  else checkUlps(what, toPlain(y), want, ulps, y.dtype, reference.scale?.(values, sample.params));
}

/** The kernel computes what the reference says: in f32, f64 and the integer types that it claims, at every size. */
export const kernelLaw: Law = {
  name: "kernel equals reference",
  appliesTo: () => true,
  check(row, random) {
    const { reference, primitive } = row;
    const samples = [...primitive.samples(), ...(reference.large ?? [])];
    if (samples.length === 0) throw new Error(`${row.name}: no sample to hold laws against`);
    for (const sample of samples) {
      for (const dtype of ["f64", "f32", ...(reference.integers ?? [])] as const) {
        compare(row, sample, draw(sample, random, dtype), dtype);
      }
    }
  },
};

/** A dtype for which there is no kernel is refused; it is never computed in another. */
export const unsupportedLaw: Law = {
  name: "other dtypes are refused",
  appliesTo: ({ primitive }) =>
    primitive.encode !== undefined &&
    primitive.samples().some(({ inputs }) => inputs.length > 0 && inputs.some(({ dtype }) => !dtype)),
  check(row, random) {
    const { reference, primitive } = row;
    const sample = primitive.samples()[0]!;
    for (const dtype of ["i32", "u8", "bool"] as const) {
      if (reference.integers?.includes(dtype)) continue;
      const inputs = tensorsOf(draw(sample, random, dtype), dtypesOf(sample, dtype));
      try {
        apply(primitive, inputs, sample.params);
      } catch (error) {
        if (error instanceof WengertError) continue;
        throw error;
      }
      throw new Error(`${row.name} accepts ${dtype}, for which it has no reference`);
    }
  },
};

const SPECIAL = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  NaN,
  Infinity,
  -Infinity,
  1e-310,
  -1e-310,
  1e-40,
  1e300,
  -1e300,
  1e38,
  89,
  -104,
  710,
  -746,
  1e-20,
  30000,
];
const PAIRED = [0, -0, 1, -1.5, NaN, Infinity, -Infinity, 1e-310, 1e300];
const WHOLE = [0, 1, -1, 7, 2147483647, -2147483648, 65536, -65537];

/** Zeros of both signs, NaN, infinities, subnormals, and numbers at which functions overflow. */
export const specialsLaw: Law = {
  name: "special values",
  appliesTo: ({ reference }) => reference.elementwise ?? false,
  check(row) {
    const arity = row.primitive.samples()[0]!.inputs.length;
    for (const dtype of ["f64", "f32", ...(row.reference.integers ?? [])] as const) {
      const float = dtype === "f64" || dtype === "f32";
      const list = (!float ? WHOLE : arity === 1 ? SPECIAL : PAIRED).map((value) => rounded(value, dtype));
      const columns = arity === 1 ? [list] : [list.flatMap((x) => list.map(() => x)), list.flatMap(() => list)];
      const values = columns.map((data) => ({ shape: [data.length], data }));
      compare(row, { inputs: values.map(({ shape }) => ({ shape })), params: null }, values, dtype);
    }
  },
};
