// A page whose policy forbids workers that are made of a Blob: it works alone and says why, or takes the script from an address.
import { afterAll, expect, test } from "vitest";
import { configure, info, matmul, ones, scope, shutdown } from "../../bindings/index.js";

afterAll(shutdown);

/** Multiplies until threads have been asked for, and for as long as `until` is false, at most five seconds. */
async function workUntil(until: () => boolean): Promise<void> {
  for (let turns = 0; turns < 500 && !until(); turns++) {
    scope(() => void matmul(ones([64, 64]), ones([64, 64])));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("is told so, and goes on alone", async () => {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "worker-src 'self'";
  document.head.append(policy);
  configure({ threads: 2, splitAbove: 0 });
  await workUntil(() => info().reason !== undefined);
  expect(info()).toMatchObject({ threads: 1, reason: expect.stringMatching(/worker/) as string });
  expect(
    scope(() =>
      matmul(ones([100, 100]), ones([100, 100]))
        .sum()
        .item(),
    ),
  ).toBe(1e6);
});

test("takes the script of threads from an address that the policy allows", async () => {
  await shutdown();
  const workerUrl = new URL("../../dist/thread.js", import.meta.url);
  configure({ threads: 2, splitAbove: 0, workerUrl });
  await workUntil(() => info().threads === 2);
  expect(info()).toMatchObject({ threads: 2, reason: undefined });
});
