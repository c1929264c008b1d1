import { expect, test } from "vitest";
import { scope, tensor, type Tensor } from "../../bindings/index.js";
import { formatSafetensors, parseSafetensors, readSafetensors } from "../../bindings/io/index.js";
import { DTypeError, FormatError, ValueError } from "../../bindings/errors.js";
import { expectRefused, wrong } from "../support/refusal.js";
import { safetensors, streamOf } from "./files.js";

const integers = (values: readonly bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(values).buffer);

test("writes the bytes that the format's own library does", () => {
  // The example of https://github.com/huggingface/safetensors, whose header is filled up to a multiple of 8.
  const header = '{"test":{"dtype":"I32","shape":[2,2],"data_offsets":[0,16]}}    ';
  const expected = [64, ...Array<number>(7).fill(0), ...new TextEncoder().encode(header), ...Array<number>(16).fill(0)];
  expected[expected.length - 4] = 1;
  const x = tensor(Int32Array.of(0, 0, 0, 1), { shape: [2, 2] });
  expect([...formatSafetensors({ test: x })]).toEqual(expected);
});

test("puts metadata first, then tensors by element type and name, from a multiple of 8 on", () => {
  const tensors = {
    2: tensor([true, false]),
    b: tensor([1]),
    a: tensor([2]),
    f64: tensor([3], { dtype: "f64" }),
    u8: tensor(Uint8Array.of(4, 5, 6)),
  };
  const bytes = formatSafetensors(tensors, { metadata: { "a b": 'say "π"' } });
  const length = bytes[0]! + 256 * bytes[1]!;
  expect(length % 8).toBe(0);
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd()).toBe(
    '{"__metadata__":{"a b":"say \\"π\\""},"f64":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},' +
      '"u8":{"dtype":"U8","shape":[3],"data_offsets":[16,19]},"2":{"dtype":"BOOL","shape":[2],"data_offsets":[19,21]}}',
  );
  const { tensors: back, metadata } = parseSafetensors(bytes);
  expect(metadata).toEqual({ "a b": 'say "π"' });
  expect(Object.keys(back)).toEqual(["2", "f64", "a", "b", "u8"]);
  for (const [name, x] of Object.entries(tensors)) {
    expect(back[name]!.dtype).toBe(x.dtype);
    expect(back[name]!.toArray()).toEqual(x.toArray());
  }
});

test("keeps views, empty and 0-d tensors, infinities and NaN", () => {
  const tensors: Record<string, Tensor> = {
    view: tensor([[1, 2, 3], [4, 5, 6]]).transpose(), // prettier-ignore
    empty: tensor(new Float32Array(0), { shape: [0, 3] }),
    scalar: tensor(7),
    special: tensor([NaN, Infinity, -Infinity, -0]),
  };
  const { tensors: back } = parseSafetensors(formatSafetensors(tensors));
  for (const [name, x] of Object.entries(tensors)) {
    expect(back[name]!.shape).toEqual(x.shape);
    expect(back[name]!.data()).toEqual(x.data());
  }
});

test("stores floating-point tensors as halves on request, and reads them as f32", () => {
  const tensors = { x: tensor([1, 0.1, 70000]), n: tensor([3], { dtype: "i32" }) };
  const half = parseSafetensors(formatSafetensors(tensors, { store: "f16" })).tensors;
  expect(half.x!.toArray()).toEqual([1, 0.0999755859375, Infinity]);
  expect(half.n!.dtype).toBe("i32");
  const bf16 = formatSafetensors(tensors, { store: "bf16" });
  expect(new TextDecoder().decode(bf16)).toContain('"x":{"dtype":"BF16","shape":[3],"data_offsets":[4,10]}');
  expect(parseSafetensors(bf16).tensors.x!.toArray()).toEqual([1, 0.10009765625, 70144]);
  expect(parseSafetensors(formatSafetensors(tensors, { store: "f64" })).tensors.x!.dtype).toBe("f64");
});

test("reads 64-bit integers into i32 where all fit, or into f64 on request", () => {
  const file = (dtype: string, values: readonly bigint[]): Uint8Array =>
    safetensors({ ids: { dtype, shape: [values.length], bytes: integers(values) } });
  const small = parseSafetensors(file("I64", [-(2n ** 31n), 2n ** 31n - 1n])).tensors.ids!;
  expect([small.dtype, small.toArray()]).toEqual(["i32", [-2147483648, 2147483647]]);
  const large = parseSafetensors(file("I64", [2n ** 53n, -(2n ** 53n), 5n]), { int64: "f64" }).tensors.ids!;
  expect([large.dtype, large.toArray()]).toEqual(["f64", [2 ** 53, -(2 ** 53), 5]]);
  const bad: [string, bigint[], "i32" | "f64", RegExp][] = [
    [
      "I64",
      [1n, 2n ** 31n, 2n ** 40n],
      "i32",
      /i32 holds \(or \{ int64: "f64" \}\), got 2147483648 at position 1, byte 73$/,
    ],
    ["I64", [-(2n ** 31n) - 1n], "i32", /got -2147483649 at position 0/],
    ["I64", [2n ** 53n + 1n], "f64", /f64 holds, got 9007199254740993 at position 0/],
    ["I64", [0n, -(2n ** 53n) - 1n], "f64", /got -9007199254740993 at position 1/],
    ["U64", [-1n], "f64", /got 18446744073709551615 at position 0/],
    ["U64", [2n ** 31n], "i32", /got 2147483648 at position 0/],
  ];
  for (const [dtype, values, int64, message] of bad)
    expectRefused(() => parseSafetensors(file(dtype, values), { int64 }), ValueError, message);
});

test("reads the same from a stream, whatever its pieces, with and without a known length", async () => {
  const values = Float32Array.from({ length: 20_000 }, (_, i) => i);
  const bytes = formatSafetensors({ values: tensor(values), flags: tensor([true, false, true]) });
  for (const size of [61, 1000, 1e6]) {
    const { tensors } = await readSafetensors(streamOf(bytes, size));
    expect(tensors.values!.data()).toEqual(values);
    expect(tensors.flags!.toArray()).toEqual([true, false, true]);
  }
  const seen: [number, number | null][] = [];
  const { tensors } = await readSafetensors(new Blob([bytes]), {
    onProgress: ({ loaded, total }) => seen.push([loaded, total]),
  });
  expect(tensors.values!.data()).toEqual(values);
  expect(seen.at(-1)).toEqual([bytes.length, bytes.length]);
  const response = await readSafetensors(new Response(bytes, { headers: { "content-length": String(bytes.length) } }));
  expect(response.tensors.values!.data().at(-1)).toBe(19_999);
});

test("says what it cannot write or read from", async () => {
  const x = tensor([1]);
  const refused: [() => unknown, RegExp][] = [
    [() => formatSafetensors({ x: wrong([1]) }), /a tensor for x, got 1/],
    [() => formatSafetensors({ __metadata__: x }), /names in Unicode other than __metadata__/],
    [() => formatSafetensors({ "\ud800": x }), /names in Unicode/],
    [
      () => formatSafetensors({ x }, { metadata: wrong("abc") }),
      /an object with values by name, got \[object String\]/,
    ],
    [() => formatSafetensors({ x }, { metadata: wrong(new Map([["a", "b"]])) }), /by name, got \[object Map\]/],
    [() => formatSafetensors({ x }, { metadata: { step: wrong(3) } }), /a text in Unicode as the metadata step, got 3/],
  ];
  for (const [run, message] of refused) expectRefused(run, ValueError, message);
  await expect(readSafetensors(new Response("", { status: 404 }))).rejects.toThrow(/a successful answer, got 404/);
  await expect(readSafetensors(wrong(3))).rejects.toThrow(ValueError);
  const broken = new ReadableStream({ pull: (stream) => stream.error(new TypeError("connection lost")) });
  await expect(readSafetensors(broken)).rejects.toThrow(/read to its end, got TypeError: connection lost/);
  x.dispose();
});

test("an element type that is not read is named, and so is a truth value that is none", () => {
  const bytes = safetensors({ x: { dtype: "F8_E4M3", shape: [2], bytes: Uint8Array.of(1, 2) } });
  expectRefused(() => parseSafetensors(bytes), DTypeError, /one of U64, .* at byte 22, got "F8_E4M3" for "x"/);
  const good = formatSafetensors({ a: tensor([1, 2]), b: tensor([true]) });
  good[good.length - 1] = 2;
  expectRefused(() => parseSafetensors(good), FormatError, /0 or 1 for each truth value of "b" at byte \d+, got 2/);
  expect(scope(() => Object.keys(parseSafetensors(formatSafetensors({})).tensors))).toEqual([]);
});
