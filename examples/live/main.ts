// A page on which a network learns in a worker, while the page draws its weights.
//   npx tsx examples/live/main.ts [--port 8080]
import { parseArgs } from "node:util";
import { ISOLATED, serve } from "../../scripts/lib/serve.mjs";
import { bundlePage } from "./bundle.js";

const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });

await bundlePage("out/live");
const { url } = await serve("out/live", ISOLATED, Number(values.port));
console.log(`${url}/index.html`);
