import { CONVOLUTION, noise, samplesOf, type NetworkSetting } from "../../problems.js";
import type { Work } from "../../serve.js";

/** The convolution, as loops over typed arrays. */
export function nn({ work }: NetworkSetting): Work | string {
  if (work !== "convolution") return "not written";
  const { batch, channels, outputs, side } = CONVOLUTION;
  const plane = side * side;
  const x = Float32Array.from(noise(1, batch * channels * plane));
  const w = Float32Array.from(noise(2, outputs * channels * 9));
  const y = new Float32Array(batch * outputs * plane);
  const run = (): void => {
    y.fill(0);
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < outputs; o++) {
        for (let c = 0; c < channels; c++) {
          for (let k = 0; k < 9; k++) {
            addShifted(y, (n * outputs + o) * plane, x, (n * channels + c) * plane, w[(o * channels + c) * 9 + k]!, k);
          }
        }
      }
    }
  };
  return { run, check: () => (run(), samplesOf(y)) };
}

/** Adds a plane times a number, shifted by the place of tap k in the kernel. */
function addShifted(y: Float32Array, to: number, x: Float32Array, from: number, factor: number, k: number): void {
  const { side } = CONVOLUTION;
  const [down, across] = [Math.floor(k / 3) - 1, (k % 3) - 1];
  for (let i = Math.max(0, -down); i < Math.min(side, side - down); i++) {
    const shift = from + (i + down) * side + across;
    for (let j = Math.max(0, -across); j < Math.min(side, side - across); j++) {
      y[to + i * side + j]! += factor * x[shift + j]!;
    }
  }
}
