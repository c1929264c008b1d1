// A program that does not end its worker.
import { tensor } from "wengert";
import { startWorker } from "wengert/worker";

const worker = /** @type {import("wengert/worker").TaskWorker<typeof import("./tasks.mjs").tasks>} */ (
  await startWorker(new URL("./tasks.mjs", import.meta.url))
);
const doubled = await worker.run("double", tensor(21)).result;
console.log(doubled.elements[0]);
