import { expect, test } from "vitest";
import { ValueError } from "../../bindings/errors.js";
import { Stream } from "../../bindings/data/index.js";

function* counted(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}

const upTo = (n: number): Stream<number> => Stream.from(() => counted(n));

test("maps, filters, takes, repeats, windows and batches a generator", async () => {
  expect(await upTo(4).map((x) => x * x).toArray()).toEqual([0, 1, 4, 9]); // prettier-ignore
  expect(await upTo(6).filter((x) => Promise.resolve(x % 2 === 1)).toArray()).toEqual([1, 3, 5]); // prettier-ignore
  expect(await upTo(3).repeat(2).toArray()).toEqual([0, 1, 2, 0, 1, 2]);
  expect(await upTo(3).repeat().take(5).toArray()).toEqual([0, 1, 2, 0, 1]);
  expect(await upTo(0).repeat().toArray()).toEqual([]);
  expect(await upTo(5).window(3).toArray()).toEqual([[0, 1, 2], [1, 2, 3], [2, 3, 4]]); // prettier-ignore
  expect(await upTo(8).window(2, 3).toArray()).toEqual([[0, 1], [3, 4], [6, 7]]); // prettier-ignore
  const sizes = async (dropLast: boolean): Promise<unknown[]> =>
    (await upTo(5).batch(2, { dropLast }).toArray()).map((batch) => batch.toArray());
  expect(await sizes(false)).toEqual([[0, 1], [2, 3], [4]]); // prettier-ignore
  expect(await sizes(true)).toEqual([[0, 1], [2, 3]]); // prettier-ignore
});

test("each loop begins anew, but a generator that is given itself can only be passed through once", async () => {
  const stream = upTo(3);
  expect([await stream.toArray(), await stream.toArray()]).toEqual([[0, 1, 2], [0, 1, 2]]); // prettier-ignore
  const once = Stream.from(counted(3));
  expect([await once.toArray(), await once.toArray()]).toEqual([[0, 1, 2], []]);
  async function* later(): AsyncGenerator<string> {
    yield "a";
    yield await Promise.resolve("b");
  }
  expect(await Stream.from(later).toArray()).toEqual(["a", "b"]);
});

test("shuffles within a buffer, by a seed", async () => {
  const order = await upTo(50).shuffle(10, 3).toArray();
  expect(await upTo(50).shuffle(10, 3).toArray()).toEqual(order);
  expect(await upTo(50).shuffle(10, 4).toArray()).not.toEqual(order);
  expect(order.toSorted((a, b) => a - b)).toEqual([...counted(50)]);
  // The i-th that is handed out was among the first i + 11.
  expect(order.every((x, i) => x <= i + 10)).toBe(true);
  expect(await upTo(5).shuffle(1).toArray()).toHaveLength(5);
});

test("prefetch makes so many examples at once, in their order, and stops when the loop does", async () => {
  let running = 0;
  let most = 0;
  let ended = false;
  const source = function* (): Generator<number> {
    try {
      yield* counted(20);
    } finally {
      ended = true;
    }
  };
  const slow = Stream.from(source).map(async (x) => {
    most = Math.max(most, ++running);
    await new Promise((resume) => setTimeout(resume, x % 3));
    running--;
    return x;
  });
  expect(await slow.prefetch(4).toArray()).toEqual([...counted(20)]);
  expect(most).toBe(5); // The one that is waited for, and four more.
  ended = false;
  const seen: number[] = [];
  for await (const x of slow.prefetch(3)) if (seen.push(x) === 2) break;
  expect([seen, ended]).toEqual([[0, 1], true]);
});

test("an error in the middle comes in its turn, and ends the source", async () => {
  const failing = upTo(10).map((x) => {
    if (x === 3) throw new Error("three");
    return x;
  });
  for (const stream of [failing, failing.prefetch(5), failing.prefetch(2).batch(2)]) {
    const seen: unknown[] = [];
    const passing = (async () => {
      for await (const x of stream) seen.push(x);
    })();
    await expect(passing).rejects.toThrow("three");
    expect(seen.length).toBe(stream === failing || seen.length === 3 ? 3 : 1);
  }
});

test("what does not fit is refused", async () => {
  expect(() => upTo(3).batch(0)).toThrow(ValueError);
  expect(() => upTo(3).shuffle(0)).toThrow(ValueError);
  expect(() => upTo(3).window(2, 0)).toThrow(ValueError);
  expect(() => upTo(3).prefetch(0.5)).toThrow(ValueError);
  for (const count of [NaN, 1.5, -1, "x" as never]) {
    expect(() => upTo(3).take(count)).toThrow(/^take: expected a whole number from 0 on, got/);
    expect(() => upTo(3).repeat(count)).toThrow(/^repeat: expected a whole number from 0 on, got/);
  }
  expect(() => upTo(3).map(3 as never)).toThrow(/^map: expected a function/);
  expect(() => upTo(3).filter(undefined as never)).toThrow(/^filter: expected a function/);
  for (const source of [null, undefined, 3, {}])
    expect(() => Stream.from(source as never)).toThrow(/^Stream\.from: expected what can be gone through/);
  const late = Stream.from((() => Promise.resolve([1])) as never);
  await expect(late.toArray()).rejects.toThrow(/^Stream\.from: expected what can be gone through, .* got Promise/);
});

test("a source is closed when what is made of its examples fails, however that is asked for", async () => {
  let closed = 0;
  const source = Stream.from(function* () {
    try {
      yield* counted(3);
    } finally {
      closed++;
    }
  });
  const fail = (x: number): number => {
    if (x === 1) throw new Error("one");
    return x;
  };
  const streams = [source.map(fail), source.prefetch(2).map(fail), source.map(fail).map((x) => x), source.map(fail).prefetch(2)]; // prettier-ignore
  for (const [i, stream] of streams.entries()) {
    await expect(stream.toArray()).rejects.toThrow("one");
    expect(closed).toBe(i + 1);
  }
});

test("a source that fails as it is closed does not hide what failed before", async () => {
  const source = Stream.from(function* () {
    try {
      yield 1;
    } finally {
      throw new Error("of closing");
    }
  });
  const failing = source.map(() => {
    throw new Error("of the map");
  });
  await expect(failing.toArray()).rejects.toThrow("of the map");
});

test("a pass that never has to wait lets timers and the collector run all the same", async () => {
  let others = false;
  setTimeout(() => (others = true), 0);
  let examples = 0;
  for await (const _ of Stream.from([0]).repeat().map((x) => x).batch(2)) if (others || ++examples === 300_000) break; // prettier-ignore
  expect(others).toBe(true);
});
