// Contestant: the limit of the machine's memory. Argument: copy or read.
import { memoryLimit } from "../../memory-limit.js";
import { serve, type Work } from "../../serve.js";
import { bytesOf, type TrafficSetting } from "../../memory-bound.js";

const reads = process.argv[2] === "read";
void serve(reads ? "a loop that loads vectors" : "memory.copy", { bandwidth: move });

/** As many bytes as the problem must move. */
function move(setting: TrafficSetting): Work {
  const bytes = bytesOf(setting);
  const limit = memoryLimit(bytes);
  return { run: reads ? () => limit.read(bytes) : () => limit.copy(bytes / 2) };
}
