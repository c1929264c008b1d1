// Matrix products in Wengert, as users write them.
import { matmul, tensor } from "wengert";
import { matmulData, samplesOf, type MatmulSetting } from "../problems.js";
import type { Work } from "../serve.js";

/** A product of dense matrices, or of views of them. */
export function product(setting: MatmulSetting): Work {
  const data = matmulData(setting);
  const { m, k, n, transposeA, transposeB } = setting;
  const left = tensor(data.a, { shape: transposeA ? [k, m] : [m, k] });
  const right = tensor(data.b, { shape: transposeB ? [n, k] : [k, n] });
  const a = transposeA ? left.T : left;
  const b = transposeB ? right.T : right;
  return {
    run: () => matmul(a, b).dispose(),
    check: () => samplesOf(matmul(a, b).data()),
    end: () => [a, b, left, right].forEach((x) => x.dispose()),
  };
}
