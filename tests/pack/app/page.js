import { app } from "./app.js";

const workerOf = () => new Worker(new URL("./tasks.js", import.meta.url), { type: "module" });
Object.assign(globalThis, { result: app(workerOf) });
