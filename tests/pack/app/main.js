import { app } from "./app.js";

console.log(JSON.stringify(await app(() => new URL("./tasks.js", import.meta.url))));
