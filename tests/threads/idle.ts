// A process of its own for life.node.test.ts: starts threads, idles, and says what processor time that took. It ends by itself.
import { info } from "../../bindings/index.js";
import { untilReady } from "./support.js";

await untilReady(2);
await new Promise((resolve) => setTimeout(resolve, 1000));
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, 1000));
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ threads: info().threads, milliseconds: (user + system) / 1000 }));
