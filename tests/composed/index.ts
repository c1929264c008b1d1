import { arrangeComposed } from "./arrange.js";
import { elementwiseComposed } from "./elementwise.js";
import { linalgComposed } from "./linalg.js";
import { lossesComposed } from "./losses.js";
import { placesComposed } from "./places.js";
import { productsComposed } from "./products.js";
import { reductionsComposed } from "./reductions.js";
import type { Composed } from "./reference.js";

/** Every composed function by its name, with its reference. */
export const composed: Readonly<Record<string, Composed>> = {
  ...elementwiseComposed,
  ...reductionsComposed,
  ...arrangeComposed,
  ...placesComposed,
  ...productsComposed,
  ...lossesComposed,
  ...linalgComposed,
};
