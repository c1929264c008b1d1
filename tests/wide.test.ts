// Wide mode where it mostly is not to be had: the tests of `npm run runtimes` run all of it where it is.
import { expect, test } from "vitest";
import { configure, info, matmul, ones, ValueError } from "../bindings/index.js";
import { expectRefused } from "./support/refusal.js";

/** The version of Node, or 0. */
const node = parseInt((globalThis as { process?: NodeJS.Process }).process?.versions?.node ?? "0");

test("asked for wide mode, the library works in it or says why not; later it is too late", () => {
  configure({ wide: true, threads: 1 });
  const { build, wideReason } = info();
  if (node < 24) {
    // A page has no Node, and may have no shared memory either.
    expect(wideReason).toMatch(/^it takes (Node|shared memory)/);
    expect(build).toMatch(/^(baseline|relaxed)$/);
  } else expect(build === "wide").toBe(wideReason === undefined);
  expect(Array.from(matmul(ones([20, 600]), ones([600, 20])).data())).toEqual(Array(400).fill(600));
  expectRefused(() => configure({ wide: true }), ValueError, /before the first tensor.*wide/);
});
