import { expose } from "wengert/worker";

export const tasks = expose({
  /** @param {import("wengert").Tensor} x */
  double: (x) => x.mul(2),
});
