import { MissingPackageError } from "../errors.js";

/** A package that one function needs, loaded when it is called. */
export async function installed<T>(operation: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw new MissingPackageError(operation, `the package ${name} (npm install ${name})`, "none", { cause: error });
  }
}
