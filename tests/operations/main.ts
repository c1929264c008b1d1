// npm run operations [-- --check]: writes docs/operations.md, or exits with 1 if it is not what would be written.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { exportedOperations } from "./exported.js";
import { operationsPage } from "./page.js";

const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const operations = exportedOperations(root);
const page = operationsPage(operations, `${root}/tests/golden/public.json`);
const file = `${root}/docs/operations.md`;
if (!process.argv.includes("--check")) {
  writeFileSync(file, page);
  console.log(`docs/operations.md: ${operations.length} names`);
} else if (readFileSync(file, "utf8") !== page) {
  console.error("docs/operations.md is not current: npm run operations");
  process.exitCode = 1;
}
