import { batchLaw, noExamplesLaw } from "./batching.js";
import { compiledLaw } from "./compiled.js";
import { adjointLaw, constantLaw, noneLaw, numericalLaw, secondLaw, singularLaw } from "./derivative.js";
import { jvpLaw, mixedLaw, stillLaw, tangentLaw } from "./forward.js";
import { handleLaw } from "./handles.js";
import { backwardLaw, definitionLaw, definitionSecondLaw, fusedHvpLaw } from "./fused.js";
import { kernelLaw, specialsLaw, unsupportedLaw } from "./kernel.js";
import { adjointLayoutLaw, layoutLaw } from "./layout.js";
import { dotLaw, gatherLaw } from "./linear.js";
import { hessianLaw, nestedLaw, overBatchLaw } from "./nesting.js";
import type { Law } from "./row.js";
import { dtypeLaw, emptyLaw, weakLaw } from "./types.js";

/** The laws of operations. Those of further transformations (forward mode, batching, compilation) join this list. */
export const laws: readonly Law[] = [
  kernelLaw,
  specialsLaw,
  unsupportedLaw,
  numericalLaw,
  secondLaw,
  adjointLaw,
  noneLaw,
  constantLaw,
  singularLaw,
  jvpLaw,
  mixedLaw,
  tangentLaw,
  stillLaw,
  batchLaw,
  noExamplesLaw,
  nestedLaw,
  overBatchLaw,
  hessianLaw,
  handleLaw,
  dotLaw,
  gatherLaw,
  definitionLaw,
  backwardLaw,
  definitionSecondLaw,
  fusedHvpLaw,
  dtypeLaw,
  emptyLaw,
  weakLaw,
  layoutLaw,
  adjointLayoutLaw,
  compiledLaw,
];
