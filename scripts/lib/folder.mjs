// Folders under build/ that belong to one process.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.mjs";

/**
 * A new folder build/KIND-.., which is gone when this process ends. A process that is killed removes nothing: what such ones have
 * left of this kind is removed here.
 * @param {string} kind
 * @returns {string}
 */
export function ownFolder(kind) {
  const build = join(ROOT, "build");
  mkdirSync(build, { recursive: true });
  for (const name of readdirSync(build)) {
    const [, maker, pid] = /^(.+)-(\d+)-\w+$/.exec(name) ?? [];
    if (maker === kind && !isAlive(Number(pid))) remove(join(build, name));
  }
  const folder = mkdtempSync(join(build, `${kind}-${process.pid}-`));
  process.on("exit", () => remove(folder));
  return folder;
}

/** @param {string} folder */
function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}
