import { bitwiseReferences } from "./bitwise.js";
import { contractionReferences } from "./contraction.js";
import { attentionReferences } from "./attention.js";
import { convolutionReferences } from "./convolution.js";
import { elementwiseReferences } from "./elementwise.js";
import { exponentialReferences } from "./exponential.js";
import { generateReferences } from "./generate.js";
import { indexingReferences } from "./indexing.js";
import { linalgReferences } from "./linalg.js";
import { movementReferences } from "./movement.js";
import { normReferences } from "./norm.js";
import { poolingReferences } from "./pooling.js";
import { reductionReferences } from "./reduction.js";
import { orderReferences } from "./order.js";
import type { References } from "./reference.js";
import { rowsReferences } from "./rows.js";
import { specialReferences } from "./special.js";
import { scanReferences } from "./scan.js";
import { updateReferences } from "./update.js";

/** What every operation should do. A row of the table without its reference does not compile. */
export const references = {
  ...elementwiseReferences,
  ...bitwiseReferences,
  ...movementReferences,
  ...reductionReferences,
  ...contractionReferences,
  ...convolutionReferences,
  ...poolingReferences,
  ...attentionReferences,
  ...rowsReferences,
  ...indexingReferences,
  ...generateReferences,
  ...specialReferences,
  ...exponentialReferences,
  ...scanReferences,
  ...orderReferences,
  ...normReferences,
  ...updateReferences,
  ...linalgReferences,
} satisfies References;
