// Every function and class that takes options, as the sources say: what is none, or unknown, is refused before all else. And each
// option and each field, as everything that is exported, says what it is.
import { expect, test } from "vitest";
import * as index from "../bindings/index.js";
import { DTypeError, ValueError, type WengertError } from "../bindings/index.js";
import * as data from "../bindings/data/index.js";
import * as io from "../bindings/io/index.js";
import * as nn from "../bindings/nn/index.js";
import * as optim from "../bindings/optim/index.js";
import * as viz from "../bindings/viz/index.js";
import * as worker from "../bindings/worker/index.js";
import { undescribed } from "./operations/described.js";
import { optionedParameters, type Optioned } from "./operations/options.js";

const rooms: Readonly<Record<string, object>> = {
  index,
  "nn/index": nn,
  "optim/index": optim,
  "data/index": data,
  "io/index": io,
  "viz/index": viz,
  "worker/index": worker,
};

const all = optionedParameters(process.cwd(), Object.keys(rooms));

/** What an exported thing, called or made with nothing but something in the place of its options, throws, at once or later. */
async function thrown({ entry, name, position }: Optioned, options: unknown): Promise<unknown> {
  const target = functionOf(entry, name);
  const args = [...new Array<undefined>(position).fill(undefined), options];
  try {
    const isClass = /^class\b/.test(Function.prototype.toString.call(target));
    return await (isClass
      ? (Reflect.construct(target, args) as unknown)
      : (Reflect.apply(target, undefined, args) as unknown));
  } catch (error) {
    return error;
  }
}

type AnyFunction = (...args: never) => unknown;

function functionOf(entry: string, name: string): AnyFunction {
  const found = name
    .split(".")
    .reduce<unknown>((outer, part) => (outer as Record<string, unknown>)[part], rooms[entry]);
  return found as AnyFunction;
}

/** The names under which a function may speak of itself: its own, and those that it is another name of. */
function namesOf({ entry, name }: Optioned): string[] {
  const target = functionOf(entry, name);
  const own = name.split(".").pop()!;
  const others = Object.entries(rooms[entry]!).filter(([, value]) => value === target);
  return [own, ...others.map(([other]) => other)];
}

test("there are many", () => {
  expect(all.length).toBeGreaterThan(240);
  const names = new Set(all.map(({ name }) => name));
  for (const name of ["zeros", "mseLoss", "linalg.svd", "init.uniform", "LSTM", "formatNpz", "startWorker", "Adam"])
    expect(names).toContain(name);
});

/** What there is to refuse where options are expected, and how. */
const refused: readonly (readonly [what: string, options: unknown, expected: RegExp, got: RegExp])[] = [
  ["null", null, /^an object with options$/, /^null$/],
  ["a text", "f64", /^an object with options$/, /^f64$/],
  ["an unknown option", { oddOption: 1 }, /^(one of the options \w+|no options)/, /^oddOption\b/],
];

test.each(refused)("%s is refused, by the name of who was called", async (what, options, expected, got) => {
  const wrong: string[] = [];
  for (const one of all) {
    if (one.others && what === "a text") continue; // Which some take.
    const error = await thrown(one, options);
    const { operation, expected: wanted, got: given } = error as WengertError;
    const right =
      error instanceof ValueError && namesOf(one).includes(operation) && expected.test(wanted) && got.test(given);
    if (!right) wrong.push(`${one.entry} ${one.name}, argument ${one.position}: ${String(error)}`);
  }
  expect(wrong).toEqual([]);
});

/** Values of no kind that an option might have, and how an error says so. */
const strangers: readonly (readonly [value: unknown, got: RegExp])[] = [
  ["1", /^1$/],
  [null, /^null$/],
  [[1, 2], /^(Array|1,2)$/],
  [3n, /^3$/],
  [Symbol("s"), /^Symbol\(s\)$/],
];

test("a value of another kind is refused, by the names of who was called and of the option", async () => {
  const wrong: string[] = [];
  let count = 0;
  for (const one of all) {
    for (const [option, kind] of Object.entries(one.kinds)) {
      for (const [value, got] of strangers) {
        count++;
        const error = await thrown(one, { [option]: value });
        const { operation, expected, got: given } = error as WengertError;
        const says =
          kind === "dtype" ? expected?.startsWith("a dtype among bool") : expected === `${option} as a ${kind}`;
        const right =
          error instanceof (kind === "dtype" ? DTypeError : ValueError) &&
          namesOf(one).includes(operation) &&
          says &&
          got.test(given);
        if (!right) wrong.push(`${one.entry} ${one.name}, ${option}: ${String(value)}: ${String(error)}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(count).toBeGreaterThan(1500);
});

test("everything that is exported, every option and every field of a class has a description that is more than its default", () => {
  expect(undescribed(process.cwd(), Object.keys(rooms))).toEqual([]);
});
