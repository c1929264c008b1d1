import { expect, test } from "vitest";
import { arange, Generator, memory, tensor, zeros, type Tensor } from "../../bindings/index.js";
import { randomCrop, randomFlip, randomShift, Standardizer } from "../../bindings/data/index.js";
import { formatCheckpoint, loadCheckpoint } from "../../bindings/io/index.js";
import { ShapeError, ValueError } from "../../bindings/errors.js";

/** Forty different images of two channels, 4 x 5. */
const images = arange(0, 40 * 2 * 20).reshape([40, 2, 4, 5]);

type Images = number[][][][];
const valuesOf = (x: Tensor): Images => x.toArray() as unknown as Images;

test("each image is flipped as a whole, or not at all, by the generator", () => {
  const flipped = valuesOf(randomFlip(images, { generator: new Generator(1) }));
  let turned = 0;
  for (const [i, image] of valuesOf(images).entries()) {
    const mirrored = image.map((channel) => channel.map((row) => row.toReversed()));
    if (flipped[i]![0]![0]![0] !== image[0]![0]![0]) turned++;
    expect(flipped[i]).toEqual(flipped[i]![0]![0]![0] === image[0]![0]![0] ? image : mirrored);
  }
  expect(Math.abs(turned - 20)).toBeLessThan(16); // Five standard deviations.
  expect(valuesOf(randomFlip(images, { generator: new Generator(1) }))).toEqual(flipped);
  expect(valuesOf(randomFlip(images, { p: 0 }))).toEqual(valuesOf(images));
});

test("each image is cut at a place of its own, its channels together", () => {
  const cut = valuesOf(randomCrop(images, [3, 2], { generator: new Generator(2) }));
  const places = new Set<string>();
  for (const [i, image] of valuesOf(images).entries()) {
    const [top, left] = [0, 1, 2, 3].flatMap((row) => [0, 1, 2, 3, 4].map((column) => [row, column])).find(([row, column]) => image[0]![row!]![column!] === cut[i]![0]![0]![0]) as [number, number]; // prettier-ignore
    places.add(`${top},${left}`);
    expect(cut[i]).toEqual(image.map((channel) => channel.slice(top, top + 3).map((row) => row.slice(left, left + 2))));
  }
  expect(places.size).toBe(8); // All of 2 x 4.
});

test("each image is moved by up to so many pixels, and zeros come in", () => {
  const bytes = tensor(new Uint8Array(30 * 9).fill(1), { shape: [30, 3, 3] });
  const moved = randomShift(bytes, 1, { generator: new Generator(3), value: 7 });
  expect([moved.dtype, moved.shape]).toEqual(["u8", [30, 3, 3]]);
  const kept = (moved.toArray() as number[][][]).map((image) => image.flat().filter((value) => value === 1).length);
  expect(new Set(kept)).toEqual(new Set([4, 6, 9]));
  expect(randomShift(images, 0).toArray()).toEqual(images.toArray());
});

test("leaves nothing behind but its result", () => {
  const generator = new Generator(4);
  const before = memory().tensors;
  for (const x of [randomFlip(images, { generator }), randomCrop(images, [2, 2], { generator }), randomShift(images, 2, { generator })]) x.dispose(); // prettier-ignore
  expect(memory().tensors).toBe(before);
});

test("refuses what is no batch of images, and too large a part", () => {
  expect(() => randomFlip([[1, 2]])).toThrow(ShapeError);
  expect(() => randomCrop(images, [5, 2])).toThrow(/1 to 4 rows and 1 to 5 columns, got 5 and 2/);
  expect(() => randomShift(images, 0.5)).toThrow(ValueError);
});

test("features have mean 0 and deviation 1, and come back", async () => {
  const x = tensor([[1, 10, 5], [3, NaN, 5], [5, 30, 5]], { dtype: "f64" }); // prettier-ignore
  const scaling = new Standardizer(x);
  expect(scaling.mean.toArray()).toEqual([3, 20, 5]);
  const z = scaling.transform(x);
  const root = Math.sqrt(1.5);
  expect(z.toArray()).toEqual([[expect.closeTo(-root), -1, 0], [0, NaN, 0], [expect.closeTo(root), 1, 0]]); // prettier-ignore
  const back = scaling.inverse(z).toArray() as number[][];
  expect(back.flat().map((value) => Math.round(value * 1e9) / 1e9)).toEqual([1, 10, 5, 3, NaN, 5, 5, 30, 5]);
  const other = new Standardizer([[0, 0, 0], [1, 1, 1]]); // prettier-ignore
  await loadCheckpoint(formatCheckpoint({ scaling }), { scaling: other });
  expect(other.deviation.toArray()).toEqual(scaling.deviation.cast("f32").toArray());
});

test("of no examples there is nothing to be measured", () => {
  for (const none of [zeros([0, 2]), tensor(3)])
    expect(() => new Standardizer(none)).toThrow(/^Standardizer: expected examples \[n, \.\.\], at least one, got \[/);
});
