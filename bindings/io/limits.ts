import { ValueError } from "../errors.js";

/** How many names a file may have. */
export interface NameOptions {
  /**
   * Tensors, and texts of metadata, that a file may have: each takes memory beside its bytes. Default: 2048, and one for each
   * 1024 bytes of the file, so that no file takes more than it is worth.
   */
  maxNames?: number;
}

/** A tensor takes some 900 bytes beside its elements. */
const BYTES_OF_NAME = 1024;
const FREE_NAMES = 2048;

/** Names that are in memory already. */
export interface KnownNames {
  readonly known?: number;
}

/** How many names a file of so many bytes may have. */
export function mostNames(bytes: number, { maxNames, known = 0 }: NameOptions & KnownNames): number {
  return maxNames ?? FREE_NAMES + Math.max(known, Math.floor(bytes / BYTES_OF_NAME));
}

/** Refuses what is no number of things. */
export function checkMost(operation: string, name: string, most: number | undefined): void {
  if (most !== undefined && !(typeof most === "number" && most >= 0))
    throw new ValueError(operation, `${name} from 0 on`, String(most));
}

/** What is expected where there are more. */
export function tooMany(what: string, most: number): string {
  return `at most ${most} ${what} in so few bytes (or a larger { maxNames })`;
}
