import { Op } from "../../assembly/abi/op.js";
import { apply, viewOf } from "../core/running/apply.js";
import { asTensor, type TensorLike } from "../core/values/create.js";
import { checkDType, dtypes, type DTypeName } from "../core/dtype.js";
import { encodeMap } from "../core/encode/encode.js";
import { encodeGenerate } from "../core/encode/generate.js";
import type { Layout, Primitive, Tensor } from "../core/graph.js";
import { operations } from "../core/operations.js";
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  denseStrides,
  listOf,
  normalizeAxis,
  sameShape,
  showShape,
  sizeOf,
  type Shape,
} from "../core/shape.js";
import { AxisError, ShapeError } from "../errors.js";
import { aligned, internal, type Internal, named, operation, type Operation } from "./define.js";

/** Sizes are 32-bit words on the tape; only `expand` reaches them without memory. */
const MOST_ELEMENTS = 4294967295;

const copying: Primitive<null> = {
  name: "copy",
  lanes: (_, [x]) => x!,
  infer: ([x]) => x!,
  encode: (tape, out, inputs) => encodeMap(tape, Op.Copy, out.type.code, 0, out, inputs),
  batch: "elementwise",
  derivative: { kind: "linear", transposes: [(_, g) => g] },
  samples: () => [{ inputs: [{ shape: [2, 3] }], params: null }],
};

/** A dense copy of the values. */
export const copy: Operation<(x: TensorLike) => Tensor> = operation(copying, (x: TensorLike) =>
  apply(copying, [asTensor("copy", x)], null),
);

const detaching: Primitive<null> = {
  name: "detach",
  infer: ([x]) => x!,
  view: (x) => x,
  batch: "elementwise",
  derivative: { kind: "none" },
  samples: () => [{ inputs: [{ shape: [2, 3] }], params: null }],
};

/** The same values as a constant: derivatives do not pass. A view. */
export const detach: Operation<(x: TensorLike) => Tensor> = operation(detaching, (x: TensorLike) =>
  apply(detaching, [asTensor("detach", x)], null),
);

const casting: Primitive<DTypeName> = {
  name: "cast",
  lanes: (v, [x], dtype) => v.cast(x!, dtype),
  infer: ([x], dtype) => ({ shape: x!.shape, dtype }),
  encode: (tape, out, inputs) => encodeMap(tape, Op.Cast, inputs[0]!.type.code, out.type.code, out, inputs),
  batch: "elementwise",
  derivative: { kind: "linear", transposes: [(o, g, { inputs: [x] }) => o.cast(g, x!.dtype)] },
  samples: () => [{ inputs: [{ shape: [2, 3] }], params: "f64" }],
};

/**
 * The values in another element type. Floats become integers by truncation toward zero, held at the ends of the range;
 * NaN becomes 0; anything but 0 is true.
 *
 * @throws DTypeError for a name that is no dtype
 */
export const cast: Operation<(x: TensorLike, dtype: DTypeName) => Tensor, DTypeName> = operation(
  casting,
  (x: TensorLike, dtype: DTypeName) => {
    const t = asTensor("cast", x);
    // Never the same handle: it could be disposed of, or be a variable that changes.
    return checkDType("cast", dtype) === t.dtype ? operations.identity(t) : apply(casting, [t], dtype);
  },
);

const indexing: Primitive<null> = {
  name: "toIndex",
  refuses: true,
  infer: ([x]) => ({ shape: x!.shape, dtype: "i32" }),
  encode: (tape, out, inputs) => encodeMap(tape, Op.ToIndex, inputs[0]!.type.code, dtypes.i32.code, out, inputs),
  batch: "elementwise",
  derivative: { kind: "none" },
  samples: () => [{ inputs: [{ shape: [3], dtype: "i32" }], params: null }],
};

/** The values as i32 indices. A NaN, a fraction or a value beyond i32 is an error that names it. */
export const toIndex: Internal<(x: TensorLike, name?: string) => Tensor> = internal(
  indexing,
  (x: TensorLike, name = "toIndex") => {
    const t = asTensor(name, x);
    return t.dtype === "i32" ? t : apply(named(indexing, name), [t], null);
  },
);

const reshaping: Primitive<Shape> = {
  name: "reshape",
  infer: ([x], shape) => ({ shape, dtype: x!.dtype }),
  view: (x, shape) => ({ shape, strides: reshapedStrides(x, shape)!, offset: x.offset }),
  batch: (o, { inputs: [x], params: shape, count }) => o.reshape(x!, [count, ...shape]),
  derivative: { kind: "linear", transposes: [(o, g, { inputs: [x] }) => o.reshape(g, x!.shape)] },
  samples: () => [{ inputs: [{ shape: [2, 3] }], params: [3, 2] }],
};

/**
 * The same elements in another shape; one length may be -1, and is worked out. A view where strides allow it, else a copy.
 *
 * @throws ShapeError for a shape of another number of elements, or with more than one -1
 */
export const reshape: Operation<(x: TensorLike, shape: number | Shape) => Tensor, Shape> = operation(
  reshaping,
  (x: TensorLike, shape: number | Shape) => {
    const t = asTensor("reshape", x);
    const target = completeShape(t, listOf(shape));
    return apply(reshaping, [reshapedStrides(t, target) ? t : operations.copy(t)], target);
  },
);

/** Works out a length of -1. */
function completeShape(x: Tensor, shape: Shape): Shape {
  const open = shape.indexOf(-1);
  const known = open < 0 ? shape : shape.filter((_, axis) => axis !== open);
  checkShape("reshape", known);
  const size = sizeOf(known);
  const missing = open < 0 ? 1 : x.size / size;
  if ((open < 0 && size !== x.size) || !Number.isInteger(missing)) {
    throw new ShapeError("reshape", `a shape of ${x.size} elements, as ${showShape(x.shape)} has`, showShape(shape));
  }
  return open < 0
    ? [...shape]
    : checkShape(
        "reshape",
        shape.map((length) => (length === -1 ? missing : length)),
      );
}

/** Strides that read x in another shape without a copy, or null if there are none. */
function reshapedStrides(x: Tensor, shape: Shape): readonly number[] | null {
  if (x.dense) return denseStrides(shape);
  const strides: number[] = [];
  let from = 0;
  let to = 0;
  // Walk both shapes in groups of axes that hold the same number of elements; within a group x must be evenly strided.
  while (to < shape.length) {
    let wanted = shape[to]!;
    let held = 1;
    const first = from;
    while (held < wanted && from < x.rank) held *= x.shape[from++]!;
    const firstTo = to++;
    while (wanted < held && to < shape.length) wanted *= shape[to++]!;
    while (held < wanted && from < x.rank) held *= x.shape[from++]!;
    if (held !== wanted) return null;
    const axes = Array.from({ length: from - first }, (_, i) => first + i).filter((axis) => x.shape[axis] !== 1);
    for (let i = 1; i < axes.length; i++) {
      if (x.strides[axes[i - 1]!] !== x.strides[axes[i]!]! * x.shape[axes[i]!]!) return null;
    }
    let stride = axes.length > 0 ? x.strides[axes[axes.length - 1]!]! : 1;
    for (let axis = to - 1; axis >= firstTo; axis--) {
      strides[axis] = stride;
      stride *= shape[axis]!;
    }
  }
  return strides;
}

const permuting: Primitive<readonly number[]> = {
  name: "permute",
  infer: ([x], axes) => ({ shape: axes.map((axis) => x!.shape[axis]!), dtype: x!.dtype }),
  view: (x, axes) => ({
    shape: axes.map((axis) => x.shape[axis]!),
    strides: axes.map((axis) => x.strides[axis]!),
    offset: x.offset,
  }),
  batch: (o, { inputs: [x], params: axes }) => o.permute(x!, [0, ...axes.map((axis) => axis + 1)]),
  derivative: {
    kind: "linear",
    transposes: [
      (o, g, { params: axes }) =>
        o.permute(
          g,
          axes.map((_, i) => axes.indexOf(i)),
        ),
    ],
  },
  samples: () => [{ inputs: [{ shape: [2, 3, 4] }], params: [2, 0, 1] }],
};

/**
 * The axes in another order: axis i of the result is axis axes[i] of x. A view.
 *
 * @throws AxisError unless each axis is named once
 */
export const permute: Operation<(x: TensorLike, axes: readonly number[]) => Tensor, readonly number[]> = operation(
  permuting,
  (x: TensorLike, axes: readonly number[]) => {
    const t = asTensor("permute", x);
    const order = listOf(axes).map((axis) => normalizeAxis("permute", axis, t.rank));
    if (order.length !== t.rank || new Set(order).size !== t.rank) {
      throw new AxisError("permute", `each of the ${t.rank} axes once`, showShape(axes));
    }
    return apply(permuting, [t], order);
  },
);

const expanding: Primitive<Shape> = {
  name: "expand",
  infer: ([x], shape) => ({ shape, dtype: x!.dtype }),
  view: (x, shape) => ({ shape, strides: broadcastStrides(x.shape, x.strides, shape), offset: x.offset }),
  batch: (o, { inputs: [x], params: shape, count }) => o.expand(aligned(o, x!, shape.length), [count, ...shape]),
  derivative: {
    kind: "linear",
    transposes: [
      (o, g, { inputs: [x] }) => {
        const lead = g.rank - x!.rank;
        const repeated = g.shape.flatMap((length, axis) =>
          axis < lead || (x!.shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
        );
        return o.reshape(o.sum(g, repeated), x!.shape);
      },
    ],
  },
  samples: () => [{ inputs: [{ shape: [3, 1] }], params: [2, 3, 4] }],
};

/**
 * x repeated along new leading axes and axes of length 1, by NumPy's broadcasting; -1 keeps a length. A view, with stride 0.
 *
 * @throws ShapeError for a shape that x does not broadcast to
 */
export const expand: Operation<(x: TensorLike, shape: number | Shape) => Tensor, Shape> = operation(
  expanding,
  (x: TensorLike, lengths: number | Shape) => {
    const t = asTensor("expand", x);
    const shape = listOf(lengths);
    const lead = shape.length - t.rank;
    const target = checkShape(
      "expand",
      shape.map((length, axis) => (length === -1 ? (t.shape[axis - lead] ?? -1) : length)),
    );
    if (sizeOf(target) > MOST_ELEMENTS) {
      throw new ShapeError("expand", `at most ${MOST_ELEMENTS} elements`, showShape(shape));
    }
    if (lead < 0 || !sameShape(broadcastShapes("expand", t.shape, target), target)) {
      throw new ShapeError("expand", `a shape that ${showShape(t.shape)} broadcasts to`, showShape(shape));
    }
    return apply(expanding, [t], target);
  },
);

/** A box of elements: along each axis `sizes` of them from `starts` on, `steps` apart (negative steps go back). */
export interface Box {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly steps: readonly number[];
}

/** How a box lies in the storage of x. */
function boxLayout(x: Layout, box: Box): Layout {
  const offset = box.starts.reduce((sum, start, axis) => sum + start * x.strides[axis]!, x.offset);
  return { shape: box.sizes, strides: x.strides.map((stride, axis) => stride * box.steps[axis]!), offset };
}

/** The box in every example of a batch. */
function batchedBox({ starts, sizes, steps }: Box, count: number): Box {
  return { starts: [0, ...starts], sizes: [count, ...sizes], steps: [1, ...steps] };
}

// An adjoint gets a node of its own, as that of `where` does: further derivatives of an eager `cond` add up as in a program.
const identifying: Primitive<null> = {
  name: "identity",
  infer: ([x]) => x!,
  view: (x) => x,
  batch: "elementwise",
  derivative: { kind: "linear", transposes: [(o, g) => o.identity(g)], tangent: (o, [t]) => o.identity(t!) },
  samples: () => [{ inputs: [{ shape: [2, 3] }], params: null }],
};

/** The same values under a node of their own, at which a derivative can stop. A view. */
export const identity: Internal<(x: TensorLike) => Tensor> = internal(identifying, (x: TensorLike) =>
  apply(identifying, [asTensor("identity", x)], null),
);

const slicing: Primitive<Box> = {
  name: "stridedSlice",
  infer: ([x], box) => ({ shape: box.sizes, dtype: x!.dtype }),
  view: boxLayout,
  batch: (o, { inputs: [x], params: box, count }) => o.stridedSlice(x!, batchedBox(box, count)),
  derivative: {
    kind: "linear",
    transposes: [(o, g, { inputs: [x], params: box }) => o.embed([g], [box], x!.shape)],
    gather: (o, gs, boxes, x) => o.embed(gs, boxes, x.shape),
  },
  samples: () => [{ inputs: [{ shape: [4, 5] }], params: { starts: [3, 1], sizes: [2, 2], steps: [-2, 3] } }],
};

/** The elements of a box, as a view. Bounds are the caller's care: see `slice`. */
export const stridedSlice: Internal<(x: Tensor, box: Box) => Tensor, Box> = internal(slicing, (x: Tensor, box: Box) =>
  apply(slicing, [x], box),
);

/** What `embed` is told: the shape of the whole, and the box that each part fills. */
export interface Embedding {
  readonly shape: Shape;
  readonly boxes: readonly Box[];
  /** The boxes cover the whole without overlapping: the parts are copied, whatever their type. */
  readonly tiling: boolean;
}

const embedding: Primitive<Embedding> = {
  name: "embed",
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  encode(tape, out, inputs, { boxes, tiling }) {
    if (!tiling) encodeGenerate(tape, Op.Fill, out, 0);
    for (const [i, x] of inputs.entries()) {
      const part = viewOf(out, boxLayout(out, boxes[i]!));
      const alone = tiling || inputs.length === 1;
      encodeMap(tape, alone ? Op.Copy : Op.Add, out.type.code, 0, part, alone ? [x] : [part, x]);
      part.storage!.handles--;
    }
  },
  batch: (o, { inputs, batched, params: { shape, boxes, tiling }, count }) =>
    o.embed(
      inputs.map((x, i) => (batched[i] ? x : o.expand(x, [count, ...x.shape]))),
      boxes.map((box) => batchedBox(box, count)),
      [count, ...shape],
      tiling,
    ),
  derivative: {
    kind: "linear",
    variadic: true,
    transposes: [(o, g, { params: { boxes } }, part) => o.stridedSlice(g, boxes[part]!)],
  },
  samples: () => [
    {
      inputs: [{ shape: [2, 2] }, { shape: [1, 2] }],
      params: {
        shape: [4, 3],
        boxes: [
          { starts: [3, 0], sizes: [2, 2], steps: [-2, 2] },
          { starts: [1, 0], sizes: [1, 2], steps: [1, 1] },
        ],
        tiling: false,
      },
    },
    {
      inputs: [{ shape: [2, 2] }, { shape: [2, 1] }],
      params: {
        shape: [2, 3],
        boxes: [
          { starts: [0, 1], sizes: [2, 2], steps: [1, 1] },
          { starts: [0, 0], sizes: [2, 1], steps: [1, 1] },
        ],
        tiling: true,
      },
    },
  ],
};

/**
 * Zeros of a shape, to which each part is added in its box: the adjoint of slices of one tensor, in one buffer. With
 * `tiling` the boxes make up the whole, and the parts are copied there.
 */
export const embed: Internal<
  (parts: readonly Tensor[], boxes: readonly Box[], shape: Shape, tiling?: boolean) => Tensor,
  Embedding
> = internal(embedding, (parts: readonly Tensor[], boxes: readonly Box[], shape: Shape, tiling = false) =>
  apply(embedding, parts, { shape, boxes, tiling }),
);
