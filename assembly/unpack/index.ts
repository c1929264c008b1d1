// A module of its own, compiled apart from the kernels, since it must run before they exist: it reads their packed form.

export { scratchBytes, unpack } from "./lzma";
export { assemble } from "./parts";
