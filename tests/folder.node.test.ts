import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { ownFolder } from "../scripts/lib/folder.mjs";
import { ROOT, runNode } from "../scripts/lib/run.mjs";

test("a folder of a process that was killed goes when the next one of its kind is made", async () => {
  const maker = `import { ownFolder } from "${join(ROOT, "scripts/lib/folder.mjs")}"; console.log(ownFolder("own"));`;
  const killed = await runNode(["--input-type=module", "--eval", `${maker} process.kill(process.pid, "SIGKILL");`]);
  const left = killed.output.trim();
  expect(existsSync(left)).toBe(true);
  const other = join(ROOT, "build/other-0-left");
  mkdirSync(other, { recursive: true });

  const first = ownFolder("own");
  onTestFinished(() => {
    for (const folder of [other, first]) rmSync(folder, { recursive: true });
  });
  const ended = await runNode(["--input-type=module", "--eval", maker]);
  expect(ended.code, ended.output).toBe(0);
  expect([left, first, ended.output.trim(), other].map(existsSync)).toEqual([false, true, false, true]);
});
