import { EmittedRecord, Team } from "../../assembly/abi/team.js";

/** What a worker is given. Modules and memory are only passed on: a compiler that knows no page has no types of WebAssembly. */
export interface Assignment {
  readonly module: object;
  readonly memory: object;
  /** What the module imports in wide mode. */
  readonly tiles: object | undefined;
  /** Its number among the threads, from 1 on. */
  readonly thread: number;
  /** A lock that it holds as long as it lives, where nothing else would tell of its end. */
  readonly lock: string | undefined;
}

/**
 * The source of a worker, as text: it travels in the bundle, and is also the file dist/thread.js. It works until it is dismissed, and never comes back to its event
 * loop before that: so functions that were emitted come to it by memory.
 */
export const threadSource = `
const work = ({ module, memory, tiles, thread }) => {
  const env = { memory };
  const kernels = new WebAssembly.Instance(module, { env, tiles: tiles && new WebAssembly.Instance(tiles, { env }).exports }).exports;
  const { table, replay } = kernels;
  const at = kernels.team() >>> 0;
  let known = 0;
  const learn = () => {
    const view = new DataView(memory.buffer);
    const word = (address) => view.getUint32(address, true);
    for (let record = word(at + ${Team.Emitted}); record; record = word(record + ${EmittedRecord.Next})) {
      if (word(record + ${EmittedRecord.Number}) <= known) continue;
      const count = word(record + ${EmittedRecord.Functions});
      const first = record + ${EmittedRecord.Places};
      const bytes = new Uint8Array(memory.buffer).slice(first + 4 * count, first + 4 * count + word(record + ${EmittedRecord.Bytes}));
      const made = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, replay }, f: new Proxy(table, { get: (x, i) => x.get(i) }) }).exports;
      for (let i = 0; i < count; i++) {
        const place = word(first + 4 * i);
        if (place >= table.length) table.grow(place + 1 - table.length);
        table.set(place, made[i]);
      }
    }
    known = word(at + ${Team.LastEmitted});
  };
  kernels.enter(thread);
  try {
    while (kernels.serveThread()) learn();
  } catch (error) {
    kernels.confess();
    throw error;
  }
};
const threads = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (threads) work(threads.workerData);
else onmessage = ({ data }) => {
  const live = () => (postMessage(0), work(data), close());
  data.lock ? navigator.locks.request(data.lock, live) : live();
};
`;
