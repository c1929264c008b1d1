// What a build was made from, as one hash, so that a build of the same sources can be skipped.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./run.mjs";

const IGNORED = new Set(["node_modules", "generated", "__tests__", "__snapshots__"]);

/**
 * Hash of the names and contents of files and folders (what tests and builds put there left out).
 * @param {readonly string[]} paths relative to the root
 */
export function hashOf(paths) {
  const hash = createHash("sha256").update(process.versions.node);
  for (const path of paths) {
    for (const file of filesUnder(join(ROOT, path))) {
      hash.update(`\0${relative(ROOT, file)}\0`).update(readFileSync(file));
    }
  }
  return hash.digest("hex");
}

/**
 * Whether `stamp` holds `hash` and all the products are there.
 * @param {string} stamp
 * @param {string} hash
 * @param {readonly string[]} products
 */
export function isFresh(stamp, hash, products) {
  const file = join(ROOT, stamp);
  return (
    existsSync(file) && readFileSync(file, "utf8") === hash && products.every((path) => existsSync(join(ROOT, path)))
  );
}

/**
 * Writes a file under another name and renames it, so that nobody ever reads half of it.
 * @param {string} path relative to the root
 * @param {string | Uint8Array} content
 */
export function writeWhole(path, content) {
  const file = join(ROOT, path);
  const draft = `${file}.${process.pid}.draft`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(draft, content);
  renameSync(draft, file);
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).filter(({ name }) => !IGNORED.has(name));
  return entries.flatMap(({ name }) => filesUnder(join(path, name))).sort();
}
