import type { Op } from "../../assembly/abi/op.js";
import { operations } from "../core/operations.js";
import * as arithmetic from "./elementwise/arithmetic.js";
import * as bitwise from "./elementwise/bitwise.js";
import * as attention from "./attention.js";
import * as contraction from "./linalg/contraction.js";
import * as convolution from "./convolution.js";
import * as decompositions from "./linalg/decompositions.js";
import * as unary from "./elementwise/unary.js";
import * as exponential from "./elementwise/exponential.js";
import * as generate from "./generate.js";
import * as hyperbolic from "./elementwise/hyperbolic.js";
import * as indexing from "./indexing.js";
import * as movement from "./movement.js";
import * as powers from "./elementwise/powers.js";
import * as pooling from "./pooling.js";
import * as order from "./order.js";
import * as norm from "./reductions/norm.js";
import * as reduction from "./reductions/reduction.js";
import * as rounding from "./elementwise/rounding.js";
import * as rows from "./reductions/rows.js";
import * as special from "./elementwise/special.js";
import * as systems from "./linalg/systems.js";
import * as trigonometric from "./elementwise/trigonometric.js";
import * as scan from "./reductions/scan.js";
import * as update from "./update.js";

/** All rows. Named, not spelled out: the published declarations refer to where they are described. */
export type Table = typeof unary &
  typeof arithmetic &
  typeof bitwise &
  typeof movement &
  typeof reduction &
  typeof contraction &
  typeof convolution &
  typeof pooling &
  typeof attention &
  typeof rows &
  typeof indexing &
  typeof generate &
  typeof trigonometric &
  typeof special &
  typeof exponential &
  typeof hyperbolic &
  typeof powers &
  typeof rounding &
  typeof scan &
  typeof order &
  typeof norm &
  typeof update &
  typeof systems &
  typeof decompositions;

/** Every primitive operation, by name. Each opcode of the tape has its row here: a missing one does not compile. */
export const table: Table = {
  ...unary,
  ...arithmetic,
  ...bitwise,
  ...movement,
  ...reduction,
  ...contraction,
  ...convolution,
  ...pooling,
  ...attention,
  ...rows,
  ...indexing,
  ...generate,
  ...trigonometric,
  ...special,
  ...exponential,
  ...hyperbolic,
  ...powers,
  ...rounding,
  ...scan,
  ...order,
  ...norm,
  ...update,
  ...systems,
  ...decompositions,
} satisfies Record<Uncapitalize<keyof typeof Op>, { readonly primitive: { readonly name: string } }>;

declare module "../core/operations.js" {
  interface Operations extends Table {}
}

Object.assign(operations, table);
