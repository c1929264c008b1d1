import { ValueError } from "../errors.js";

/** Refuses what are no bytes. */
export function checkBytes(operation: string, given: unknown): void {
  if (!(given instanceof Uint8Array))
    throw new ValueError(operation, "bytes in a Uint8Array", Object.prototype.toString.call(given));
}
