// The evaluation trace and the computational graph of the lecture's function and of a network, with their derivatives.
//   npx tsx examples/pictures.ts
import { Generator, crossEntropy, log, mul, name, parameter, sin, tensor, type Tensor } from "wengert";
import { graphOf, trace } from "wengert/viz";
import { write } from "./chart.js";
import { ANY_FOLDER, choose } from "./options.js";

const { out } = choose("Draws evaluation traces and computational graphs.", { out: ANY_FOLDER });

/** y = ln x₁ + x₁ x₂ - sin x₂ */
const lecture = (x1: Tensor, x2: Tensor): Tensor => log(x1).add(mul(x1, x2)).sub(sin(x2));

console.log("y = ln x1 + x1 x2 - sin x2 at (2, 5)\n");
const table = trace(lecture, 2, 5);
console.log(`${String(table)}\n`);
write(`${out}/lecture.md`, `${table.toMarkdown()}\n`);
write(`${out}/lecture.json`, `${JSON.stringify(table, null, 2)}\n`);

const graph = graphOf(lecture, 2, 5);
write(`${out}/lecture.svg`, await graph.toSVG());
write(`${out}/lecture-adjoints.svg`, await graph.toSVG({ adjoints: true }));
write(`${out}/lecture-tangents.svg`, await graph.toSVG({ tangents: "x1" }));
write(`${out}/lecture.dot`, graph.toDot({ adjoints: true }));
write(`${out}/lecture.mmd`, graph.toMermaid({ adjoints: true }));

/** A network of two layers, and its loss on six examples. */
const generator = new Generator(0);
const weight = (label: string, ...shape: number[]): Tensor => parameter(generator.normal(shape), { label });
const [w1, b1, w2, b2] = [weight("W1", 4, 8), weight("b1", 8), weight("W2", 8, 3), weight("b2", 3)];
const loss = (x: Tensor, labels: Tensor): Tensor => {
  const hidden = name(x.matmul(w1).add(b1).tanh(), "hidden");
  const logits = name(hidden.matmul(w2).add(b2), "logits");
  return crossEntropy(logits, labels);
};
const x = generator.normal([6, 4]);
const labels = tensor([0, 1, 2, 0, 1, 2], { dtype: "i32" });

console.log("\nThe loss of a network, 4-8-3 with tanh, on six examples\n");
console.log(`${trace(loss, x, labels).toString({ tangents: [] })}\n`);
const network = graphOf(loss, x, labels);
write(`${out}/network.svg`, await network.toSVG());
write(`${out}/network-adjoints.svg`, await network.toSVG({ adjoints: true }));

/** Far too many to draw: x_{k+1} = x_k - η sin x_k, 250 times. */
const unrolled = (x: Tensor, rate: Tensor): Tensor => {
  let step = x;
  for (let k = 0; k < 250; k++) step = step.sub(rate.mul(sin(step)));
  return step;
};
const long = graphOf(unrolled, 1, 0.1);
console.log(`\nA graph of ${long.nodes.length} values, of which 16 are drawn`);
write(`${out}/unrolled.svg`, await long.toSVG({ limit: 16 }));
