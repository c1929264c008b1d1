// npm run format: mends what eslint can mend, then formats. What eslint cannot mend is left to npm run check.
import { runNode } from "./lib/run.mjs";

await runNode(["node_modules/eslint/bin/eslint.js", "--fix", "."]);
const { code } = await runNode(["node_modules/prettier/bin/prettier.cjs", "--write", "--log-level=warn", "."], {
  show: true,
});
process.exitCode = code;
