// The page of docs/page.md, as a reader would serve it: without a bundler, isolated, under the policy that is given there.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { chromium, type Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Info } from "../bindings/index.js";
import { chromiumLaunchOptions } from "../scripts/lib/chromium.mjs";
import { serve } from "../scripts/lib/serve.mjs";

const folder = "build/page";
const text = readFileSync("docs/page.md", "utf8");
const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "gm"))].map(([, block]) => block!);
const [html, main] = [blocks("html")[0]!, blocks("js")[0]!];
const headers = Object.fromEntries(
  blocks("text")
    .join("")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(": ").map((part) => part.replace("nonce-…", "nonce-1")) as [string, string]),
);
const policy = headers["Content-Security-Policy"]!;

let browser: Browser;
beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  cpSync("dist", `${folder}/wengert`, { recursive: true });
  writeFileSync(`${folder}/index.html`, html.replace('type="importmap"', "$& nonce=1"));
  writeFileSync(`${folder}/main.js`, main);
  browser = await chromium.launch(await chromiumLaunchOptions());
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Works in the page until another thread has come, or something stands against it. As text: here, imports are others. */
const worked = `(async () => {
  const { configure, info, matmul, ones, scope } = await import("wengert");
  configure({ threads: 2, splitAbove: 0 });
  for (let turn = 0; turn < 500 && info().threads === 1 && !info().reason; turn++) {
    scope(() => void matmul(ones([64, 64]), ones([64, 64])));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return info();
})()`;

/** What the page says, or what its first error is; how many threads there are then, or why not. */
async function visit(sent: Record<string, string>) {
  const server = await serve(folder, sent);
  const page = await browser.newPage();
  try {
    const error = page.waitForEvent("pageerror").then(String, () => "");
    await page.goto(`${server.url}/index.html`, { waitUntil: "load" });
    const learnt = page.waitForFunction(() => document.querySelector("p")!.textContent !== "Learning.");
    const failed = await Promise.race([error, learnt.then(() => null)]);
    if (failed !== null) return { says: failed };
    const { threads, reason } = await page.evaluate<Info>(worked);
    return { says: await page.textContent("p"), threads, reason };
  } finally {
    await page.close();
    await server.close();
  }
}

const says = /→ (.*)$/m.exec(main)![1];

test("learns, and has threads, under the policy that is given", async () => {
  expect(await visit(headers)).toEqual({ says, threads: 2, reason: undefined });
});

test.each([
  ["'wasm-unsafe-eval'", /^RuntimeError: load: .*Content Security Policy/i],
  ["'nonce-1'", /"wengert"/],
])("needs %s", async (source, error) => {
  expect(policy).toContain(source);
  expect((await visit({ "Content-Security-Policy": policy.replace(source, "") })).says).toMatch(error);
});
