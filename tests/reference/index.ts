import { contractionReferences } from "./contraction.js";
import { elementwiseReferences } from "./elementwise.js";
import { generateReferences } from "./generate.js";
import { indexingReferences } from "./indexing.js";
import { movementReferences } from "./movement.js";
import { normReferences } from "./norm.js";
import { reductionReferences } from "./reduction.js";
import type { References } from "./reference.js";
import { rowsReferences } from "./rows.js";
import { updateReferences } from "./update.js";

/** What every operation should do. A row of the table without its reference does not compile. */
export const references = {
  ...elementwiseReferences,
  ...movementReferences,
  ...reductionReferences,
  ...contractionReferences,
  ...rowsReferences,
  ...indexingReferences,
  ...generateReferences,
  ...normReferences,
  ...updateReferences,
} satisfies References;
