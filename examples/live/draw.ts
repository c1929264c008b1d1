import type { SharedTensor } from "wengert/worker";

const SIDE = 28;
const COLUMNS = 8;

/** Each unit's weights [units, 784] as an image: blue where ink speaks for it, red where ink speaks against. */
export function drawWeights(canvas: HTMLCanvasElement, { elements, shape: [units = 0] }: SharedTensor): void {
  const context = canvas.getContext("2d")!;
  const width = COLUMNS * SIDE;
  const picture = context.createImageData(width, Math.ceil(units / COLUMNS) * SIDE);
  [canvas.width, canvas.height] = [picture.width, picture.height];
  for (let unit = 0; unit < units; unit++) {
    const corner = Math.floor(unit / COLUMNS) * SIDE * width + (unit % COLUMNS) * SIDE;
    for (let i = 0; i < SIDE * SIDE; i++) {
      const weight = elements[unit * SIDE * SIDE + i]! * 900;
      const at = 4 * (corner + Math.floor(i / SIDE) * width + (i % SIDE));
      picture.data.set([255 + Math.min(0, -weight), 255 - Math.abs(weight), 255 + Math.min(0, weight), 255], at);
    }
  }
  context.putImageData(picture, 0, 0);
}

/** The losses, each a mean over a share of the steps, from 0 to 2.5. */
export function drawLosses(canvas: HTMLCanvasElement, losses: readonly number[]): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.strokeStyle = "#4f86e8";
  context.beginPath();
  const share = Math.max(1, Math.ceil(losses.length / width));
  for (let x = 0; x * share < losses.length; x++) {
    const mean = meanOf(losses.slice(x * share, (x + 1) * share));
    context.lineTo((x * share * width) / losses.length, height * (1 - mean / 2.5));
  }
  context.stroke();
}

export function meanOf(losses: readonly number[]): number {
  return losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length);
}
