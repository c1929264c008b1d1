// Nothing tells a page of a worker's end but a lock, which a worker that is still starting does not have yet.
import { expect, test } from "vitest";
import { Team } from "../../assembly/abi/team.js";
import { configure, info, matmul, ones, scope, shutdown, tanh } from "../../bindings/index.js";
import { heap } from "../../bindings/runtime/instance.js";
import { helpers } from "../../bindings/runtime/threads.js";
import { bitsOf, differs, untilReady, word } from "./support.js";

/** Work that asks for threads. */
const work = () => scope(() => bitsOf([matmul(ones([64, 64]), ones([64, 64])), tanh(ones([5000]))]));

test("shutdown waits for threads that are only starting", async () => {
  configure({ threads: 1, splitAbove: 0 });
  const want = work();
  for (let turn = 0; turn < 5; turn++) {
    configure({ threads: 4 });
    while (helpers.size < 3) work();
    await shutdown();
    expect(helpers.size).toBe(0);
    // Long enough for one that has not ended to come to life.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heap.u32[word(Team.Ready)]).toBe(0);
    expect(differs(work(), want)).toBe(false);
  }
  await untilReady(2);
  expect(info()).toMatchObject({ threads: 2, reason: undefined });
  await shutdown();
});
