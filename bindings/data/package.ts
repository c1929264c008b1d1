import { MissingPackageError } from "../errors.js";

/** The error for a package that one function needs, and that could not be loaded. */
export function missing(operation: string, name: string, cause: unknown): MissingPackageError {
  return new MissingPackageError(operation, `the package ${name} (npm install ${name})`, "none", { cause });
}
