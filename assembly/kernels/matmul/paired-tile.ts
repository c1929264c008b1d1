// The micro-kernels of wide mode, as the core sees them: a module of its own (assembly/tiles), whose vectors the engine merges
// in pairs. They cover a panel of two pairs, and their chains are those of tile.ts.

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "tall32")
declare function tall32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "short32")
declare function short32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "addTall32")
declare function addTall32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "addShort32")
declare function addShort32(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "tall64")
declare function tall64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "short64")
declare function short64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "addTall64")
declare function addTall64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

// prettier-ignore
// @ts-ignore: decorator
@external("tiles", "addShort64")
declare function addShort64(
  a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void;

/** C tile [rows, panel] = A [rows, k] B [k, panel], or with `more` C += A B; of `TALL` rows or of `SHORT`; strides in bytes. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function pairedTile<T>(
  tall: bool, more: bool, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, k: i32, c: usize, cRow: usize,
): void {
  if (sizeof<T>() == 4) {
    if (more) {
      if (tall) addTall32(a, aRow, aStep, b, bStep, k, c, cRow);
      else addShort32(a, aRow, aStep, b, bStep, k, c, cRow);
    } else if (tall) tall32(a, aRow, aStep, b, bStep, k, c, cRow);
    else short32(a, aRow, aStep, b, bStep, k, c, cRow);
    return;
  }
  if (more) {
    if (tall) addTall64(a, aRow, aStep, b, bStep, k, c, cRow);
    else addShort64(a, aRow, aStep, b, bStep, k, c, cRow);
  } else if (tall) tall64(a, aRow, aStep, b, bStep, k, c, cRow);
  else short64(a, aRow, aStep, b, bStep, k, c, cRow);
}
