import { dtypes, type DTypeName } from "../../core/dtype.js";
import type { Lane, LaneOp, Lanes } from "../../core/lanes.js";
import { unsigned, type Code } from "./code.js";
import { Simd, Type, Wasm } from "./opcodes.js";

/** Opcodes for f32x4, f64x2 and i32x4, behind the prefix of SIMD; 0 where there is none. */
const OPS: Readonly<Record<LaneOp, readonly [f32: number, f64: number, i32: number]>> = {
  add: [0xe4, 0xf0, 0xae],
  sub: [0xe5, 0xf1, 0xb1],
  mul: [0xe6, 0xf2, 0xb5],
  div: [0xe7, 0xf3, 0],
  min: [0xe8, 0xf4, 0xb6],
  max: [0xe9, 0xf5, 0xb8],
  pmax: [0xeb, 0xf7, 0],
  eq: [0x41, 0x47, 0x37],
  ne: [0x42, 0x48, 0x38],
  lt: [0x43, 0x49, 0x39],
  gt: [0x44, 0x4a, 0x3b],
  le: [0x45, 0x4b, 0x3d],
  ge: [0x46, 0x4c, 0x3f],
  neg: [0xe1, 0xed, 0xa1],
  abs: [0xe0, 0xec, 0xa0],
  sqrt: [0xe3, 0xef, 0],
  ceil: [0x67, 0x74, 0],
  floor: [0x68, 0x75, 0],
  trunc: [0x69, 0x7a, 0],
  nearest: [0x6a, 0x94, 0],
};

const COMPARISONS: ReadonlySet<LaneOp> = new Set<LaneOp>(["eq", "ne", "lt", "gt", "le", "ge"]);
const COLUMNS: Readonly<Partial<Record<DTypeName, 0 | 1 | 2>>> = { f32: 0, f64: 1, i32: 2 };
/** Conversions; those between widths are of the first elements. All saturate. */
const CASTS: Readonly<Record<string, number>> = {
  "f32 i32": 0xf8,
  "i32 f32": 0xfa,
  "f32 f64": 0x5f,
  "f64 f32": 0x5e,
  "f64 i32": 0xfc,
  "i32 f64": 0xfe,
};

/** Thrown where vectors have no such instruction: the step is then left to its kernel. */
export class NotEmitted extends Error {}

/**
 * Writes what rows say into a function. Vectors have elements of `width` bytes, and masks have lanes as wide; null stands
 * for vectors of which only the first element counts, which goes between widths.
 */
export class LaneWriter implements Lanes {
  /** Numbers are put into local variables ahead of the loops. */
  private readonly constants = new Map<string, Lane>();

  constructor(
    private readonly code: Code,
    private readonly width: 4 | 8 | null,
  ) {}

  apply(op: LaneOp, ...x: readonly Lane[]): Lane {
    const column = COLUMNS[x[0]!.dtype];
    const opcode = column === undefined ? 0 : OPS[op][column];
    if (opcode === 0) throw new NotEmitted();
    return this.write(opcode, COMPARISONS.has(op) ? "bool" : x[0]!.dtype, x);
  }

  constant(value: -1 | 0 | 1, { dtype }: Lane): Lane {
    const column = COLUMNS[dtype];
    if (column === undefined) throw new NotEmitted();
    const key = `${dtype} ${value}`;
    let lane = this.constants.get(key);
    if (!lane) {
      const bytes = new Uint8Array(new ARRAYS[column]!(16).fill(value).buffer, 0, 16);
      this.constants.set(key, (lane = { local: this.code.constant(bytes), dtype }));
    }
    return lane;
  }

  /** A vector of zeros, and one with the value 1 in every byte. */
  zeros(): number {
    return this.bytes(0);
  }
  ones(): number {
    return this.bytes(1);
  }

  private bytes(value: number): number {
    const key = `byte ${value}`;
    let lane = this.constants.get(key);
    if (!lane) {
      const local = this.code.constant(new Uint8Array(16).fill(value));
      this.constants.set(key, (lane = { local, dtype: "bool" }));
    }
    return lane.local;
  }

  select(mask: Lane, x: Lane, y: Lane): Lane {
    return this.write(Simd.Bitselect, x.dtype, [x, y, mask]);
  }

  or(x: Lane, y: Lane): Lane {
    return this.write(Simd.Or, x.dtype, [x, y]);
  }

  and(x: Lane, mask: Lane): Lane {
    return this.write(Simd.And, x.dtype, [x, mask]);
  }

  cast(x: Lane, dtype: DTypeName): Lane {
    if (dtype === "bool") return this.apply("ne", x, this.constant(0, x));
    if (COLUMNS[dtype] === undefined || (this.width !== null && dtypes[dtype].bytes !== this.width))
      throw new NotEmitted();
    if (x.dtype === "bool") return this.and(this.constant(1, { local: 0, dtype }), x);
    const opcode = CASTS[`${x.dtype} ${dtype}`];
    if (opcode === undefined) throw new NotEmitted();
    return this.write(opcode, dtype, [x]);
  }

  /** What a function of one vector in the table makes of x. */
  call(place: number, { local: x, dtype }: Lane): Lane {
    const local = this.code.local(Type.V128);
    const { called } = this.code;
    const number = called.indexOf(place) + 1 || called.push(place);
    this.code
      .get(x)
      .raw(Wasm.Call, ...unsigned(number))
      .set(local);
    return { local, dtype };
  }

  private write(opcode: number, dtype: DTypeName, x: readonly Lane[]): Lane {
    for (const { local } of x) this.code.get(local);
    const local = this.code.local(Type.V128);
    this.code.simd(opcode).set(local);
    return { local, dtype };
  }
}

const ARRAYS = [Float32Array, Float64Array, Int32Array];
