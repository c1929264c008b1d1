// How the columns of a matrix are reduced: strip by strip in registers, which asks for a jump from row to row, or row after
// row in memory, as they lie, which is quicker where caches do not hold the matrix: then what is next has been fetched.

/** Bytes of a row that are reduced together, so that what becomes of them stays in the first cache. */
export const SPAN: usize = 4096;
/** Bytes of working memory of a reduction down columns: four such rows. */
export const WORK: usize = 4 * SPAN;

/** Whether whole rows should be reduced, in a matrix of `bytes` bytes of which each row has `width`. */
export function isFar(bytes: usize, width: usize): bool {
  return bytes > 1 << 19 && width >= 512;
}
