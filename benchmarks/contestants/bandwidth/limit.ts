// Contestant: the limit of the machine's memory. Argument: copy or read.
import { bytesOf, type TrafficSetting } from "../../memory-bound.js";
import { serve, type Work } from "../../serve.js";
import { makeTraffic } from "../../traffic.js";

const PAGE = 65536;
/** Bytes that the reading loop takes in a turn. */
const TURN = 128;

const reads = process.argv[2] === "read";
void serve(reads ? "a loop that loads vectors" : "memory.copy", { bandwidth: move });

/** As many bytes as the problem must move, in a memory every page of which has been touched. */
function move(setting: TrafficSetting): Work {
  const bytes = bytesOf(setting);
  const half = Math.ceil(bytes / PAGE) + 1;
  const memory = new WebAssembly.Memory({ initial: 2 * half, maximum: 2 * half, shared: true });
  new Float64Array(memory.buffer).fill(1);
  const limit = makeTraffic(memory);
  return { run: reads ? () => limit.read(0, bytes - (bytes % TURN)) : () => limit.copy(half * PAGE, 0, bytes / 2) };
}
