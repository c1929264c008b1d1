// A page on which a network learns in a worker, while the page draws its weights.
//   npx tsx examples/live/main.ts [--port 8080]
import { ISOLATED, serve } from "../../scripts/lib/serve.mjs";
import { explain } from "../failure.js";
import { choose, whole } from "../options.js";
import { bundlePage } from "./bundle.js";

const { port } = choose("Serves a page that trains.", { port: whole(8080, "port of the server", 0, 65535) });

await bundlePage("out/live");
try {
  const { url } = await serve("out/live", ISOLATED, port);
  console.log(`${url}/index.html`);
} catch (error) {
  const line = explain(error);
  if (line === null) throw error;
  console.error(`${line}; --port takes another, 0 any that is free`);
  process.exitCode = 1;
}
