import { describe, expect, test } from "vitest";
import {
  adaptiveMaxPool2d,
  arange,
  avgPool2d,
  conv1d,
  conv2d,
  convTranspose2d,
  grad,
  maxPool2d,
  ones,
  OutOfMemoryError,
  ShapeError,
  tensor,
  ValueError,
  type Tensor,
} from "../../bindings/index.js";
import { expectRefused } from "../support/refusal.js";

const image = (n: number, c: number, h: number, w: number): Tensor =>
  arange(n * c * h * w)
    .cast("f64")
    .reshape([n, c, h, w]);

describe("convolution", () => {
  test("takes one image without an axis of images, and one line", () => {
    const x = image(1, 2, 4, 5);
    const w = image(3, 2, 2, 3);
    expect(conv2d(x.reshape([2, 4, 5]), w).toArray()).toEqual(conv2d(x, w).reshape([3, 3, 3]).toArray());
    expect(conv1d([[1, 2, 4, 8]], [[[1, -1]]]).toArray()).toEqual([[-1, -2, -4]]);
  });

  test('has a result of the size of the image with padding "same", one more of an odd number behind it', () => {
    expect(conv1d([[1, 2, 4, 8]], [[[1, 10]]], null, { padding: "same" }).toArray()).toEqual([[21, 42, 84, 8]]);
    expect(conv2d(image(1, 1, 5, 6), ones([1, 1, 3, 4], { dtype: "f64" }), null, { padding: "same" }).shape).toEqual([
      1, 1, 5, 6,
    ]);
  });

  test("takes one step, however long, where there is a single result", () => {
    const x = image(1, 1, 4, 4);
    const w = ones([1, 1, 2, 2], { dtype: "f64" });
    for (const stride of [5, 32_768, 65_536, 2 ** 24]) {
      expect(conv2d(x, w, null, { stride }).toArray()).toEqual([[[[0 + 1 + 4 + 5]]]]);
      expect(avgPool2d(x, 2, { stride }).toArray()).toEqual([[[[2.5]]]]);
      const slope = grad((z: Tensor) => conv2d(z, w, null, { stride, padding: [1, 0] }).sum());
      expect(Array.from(slope(x).data())).toEqual([1, 1, ...new Array<number>(14).fill(0)]);
    }
  });

  test("takes as few of many channels at a time as long strides leave room for", () => {
    const y = conv2d(ones([1, 512, 131, 131]), ones([1, 512, 1, 1]), null, { stride: 130 });
    expect(y.toArray()).toEqual([[[[512, 512], [512, 512]]]]); // prettier-ignore
  });

  test("refuses taps so far apart that no memory holds a block of them", () => {
    const x = image(1, 1, 4, 4);
    const w = ones([1, 1, 2, 2], { dtype: "f64" });
    for (const reach of [40_000, 2 ** 20]) {
      const options = { dilation: reach, padding: reach / 2 };
      expectRefused(
        () => conv2d(x, w, null, options),
        OutOfMemoryError,
        /^convolution: expected \d+ bytes of working memory/,
      );
    }
    const options = { dilation: 2 ** 24 + 2, padding: 2 ** 23 + 1 };
    expectRefused(
      () => conv2d(x, w, null, options),
      ValueError,
      /^conv2d: expected dilation as whole numbers from 1 to 16777216/,
    );
    expect(Array.from(x.data())).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });

  test("is undone in shape by the transposed one", () => {
    const w = image(2, 3, 3, 3);
    const y = conv2d(image(1, 3, 8, 7), w, null, { stride: 2, padding: 1 });
    const back = convTranspose2d(y, w, null, { stride: 2, padding: 1, outputPadding: [1, 0] });
    expect(back.shape).toEqual([1, 3, 8, 7]);
  });

  // Sums of more than 512 products are made in parts, channels by channels, and lines in blocks of 512 columns at most.
  test.each([
    [512 * 127 + 1, "f32"],
    [512 * 127 + 3, "f32"],
    [512 * 255 + 1, "f64"],
  ] as const)(
    "adds all parts of its sums where %d columns leave less than a vector to a last block, %s",
    (n, dtype) => {
      const taps = 257;
      const reach = taps - 1;
      // The first tap of one channel, and the last of the other ten times.
      const taken = new Array<number>(2 * taps).fill(0);
      taken[0] = 1;
      taken[2 * taps - 1] = 10;
      const w = tensor(taken, { dtype });
      const line = n + reach;
      const wrong = (result: Tensor, expected: (i: number) => number): number[] =>
        Array.from(result.data()).flatMap((value, i) => (value === expected(i) ? [] : [i]));

      const x = arange(2 * line)
        .cast(dtype)
        .reshape([1, 2, line]);
      const y = conv1d(x, w.reshape([1, 2, taps]));
      expect(y.shape).toEqual([1, 1, n]);
      expect(wrong(y, (i) => i + 10 * (line + i + reach))).toEqual([]);

      const loss = (image: Tensor): Tensor =>
        conv1d(image, w.reshape([2, 1, taps]), null, { padding: reach })
          .mul(x)
          .sum();
      const adjoint = grad(loss)(ones([1, 1, n], { dtype }));
      expect(adjoint.shape).toEqual([1, 1, n]);
      // What tap k adds to y[j] comes from image[j + k - reach].
      expect(wrong(adjoint, (i) => i + reach + 10 * (line + i))).toEqual([]);
    },
  );

  test("refuses what does not fit, in words", () => {
    const x = image(1, 4, 5, 5);
    expect(() => conv2d(x, image(2, 3, 3, 3))).toThrow(ShapeError);
    expect(() => conv2d(x, image(2, 3, 3, 3))).toThrow("[1, 4, 5, 5] and [2, 3, 3, 3]");
    expect(() => conv2d(x, image(2, 4, 7, 7))).toThrow("at least as large as the kernel, [7, 7]");
    expect(() => conv2d(x, image(3, 2, 3, 3), null, { groups: 2 })).toThrow(ShapeError);
    expect(() => conv2d(x, image(2, 4, 3, 3), [1, 2, 3])).toThrow("bias of shape [2]");
    expect(() => conv2d(x, image(2, 4, 3, 3), null, { stride: 0 })).toThrow(ValueError);
    expect(() => conv2d(x, image(2, 4, 3, 3), null, { stride: 2, padding: "same" })).toThrow(ValueError);
    expect(() => conv2d(x, image(2, 4, 3, 3), null, { padding: [1, 1, 1] })).toThrow(ValueError);
  });
});

describe("pooling", () => {
  test("takes the first of equals, and NaN before all", () => {
    const gradient = grad((x: Tensor) => maxPool2d(x, 2).sum());
    expect(gradient(ones([1, 2, 2], { dtype: "f64" })).toArray()).toEqual([
      [
        [1, 0],
        [0, 0],
      ],
    ]);
    expect(
      maxPool2d(
        tensor([
          [
            [1, NaN],
            [3, 2],
          ],
        ]),
        2,
      ).item(),
    ).toBeNaN();
  });

  test("counts the padding in averages or not, and fills up the last window", () => {
    const x = ones([1, 1, 3, 3], { dtype: "f64" });
    expect(avgPool2d(x, 2, { padding: 1 }).toArray()).toEqual([
      [
        [
          [0.25, 0.5],
          [0.5, 1],
        ],
      ],
    ]);
    expect(avgPool2d(x, 2, { padding: 1, countIncludePad: false }).toArray()).toEqual([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ]);
    expect(avgPool2d(x, 2, { ceilMode: true }).toArray()).toEqual([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ]);
  });

  test("divides an image as evenly as it can", () => {
    expect(adaptiveMaxPool2d(image(1, 1, 5, 4), [2, 3]).toArray()).toEqual([
      [
        [
          [9, 10, 11],
          [17, 18, 19],
        ],
      ],
    ]);
  });
});
