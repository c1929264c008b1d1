// Const enums and comments only, since those become numbers in the bundle: opcodes of WebAssembly (core specification, chapter
// "Binary format"). Those of operations on lanes stand in lanes.ts.

/** Types: of values, of functions, and of a block that leaves nothing. */
export const enum Type {
  Empty = 0x40,
  Function = 0x60,
  V128 = 0x7b,
  F64 = 0x7c,
  I32 = 0x7f,
}

/** Sections of a module. */
export const enum Section {
  Type = 1,
  Import = 2,
  Function = 3,
  Export = 7,
  Code = 10,
}

/** What a module imports or exports. */
export const enum External {
  Function = 0,
  Memory = 2,
}

/** Instructions of one byte. */
export const enum Wasm {
  Block = 0x02,
  Loop = 0x03,
  End = 0x0b,
  Br = 0x0c,
  BrIf = 0x0d,
  Call = 0x10,
  Drop = 0x1a,
  LocalGet = 0x20,
  LocalSet = 0x21,
  I32Load = 0x28,
  F64Store = 0x39,
  I32Const = 0x41,
  I32Eq = 0x46,
  I32Add = 0x6a,
  I32And = 0x71,
  I32Shl = 0x74,
  F64ConvertI32 = 0xb7,
  F64PromoteF32 = 0xbb,
  /** In front of every `Simd`. */
  SimdPrefix = 0xfd,
}

/** Instructions on vectors, behind their prefix. */
export const enum Simd {
  Load = 0x00,
  Load8Splat = 0x07,
  Load16Splat = 0x08,
  Load32Splat = 0x09,
  Load64Splat = 0x0a,
  Store = 0x0b,
  Const = 0x0c,
  I8x16Shuffle = 0x0d,
  F64x2Splat = 0x14,
  I32x4ExtractLane = 0x1b,
  F32x4ExtractLane = 0x1f,
  F64x2ExtractLane = 0x21,
  I8x16Ne = 0x24,
  And = 0x4e,
  Or = 0x50,
  Bitselect = 0x52,
  Store8Lane = 0x58,
  Store16Lane = 0x59,
  Store32Lane = 0x5a,
  Store64Lane = 0x5b,
}
