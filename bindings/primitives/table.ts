import type { Op } from "../../assembly/abi.js";
import { operations } from "../core/operations.js";
import * as arithmetic from "./arithmetic.js";
import * as contraction from "./contraction.js";
import * as elementwise from "./elementwise.js";
import * as generate from "./generate.js";
import * as indexing from "./indexing.js";
import * as movement from "./movement.js";
import * as norm from "./norm.js";
import * as reduction from "./reduction.js";
import * as rows from "./rows.js";
import * as update from "./update.js";

/** Every primitive operation, by name. Each opcode of the tape has its row here: a missing one does not compile. */
export const table = {
  ...elementwise,
  ...arithmetic,
  ...movement,
  ...reduction,
  ...contraction,
  ...rows,
  ...indexing,
  ...generate,
  ...norm,
  ...update,
} satisfies Record<Uncapitalize<keyof typeof Op>, { readonly primitive: { readonly name: string } }>;

export type Table = typeof table;

declare module "../core/operations.js" {
  interface Operations extends Table {}
}

Object.assign(operations, table);
