// Pictures of graphs: what is drawn, within limits, and as text that no name can break.
import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  FreedError,
  grad,
  GradientError,
  memory,
  name,
  parameter,
  scope,
  sin,
  tensor,
  ValueError,
  type Tensor,
} from "../../bindings/index.js";
import { graphOf, type GraphData } from "../../bindings/viz/index.js";
import { Random } from "../support/random.js";
import { expectRefused } from "../support/refusal.js";

const lecture = (x1: Tensor, x2: Tensor): Tensor => x1.log().add(x1.mul(x2)).sub(sin(x2));

/** Three nodes a step; the input is used in each. */
const long = (x: Tensor): Tensor => {
  let y = x;
  for (let i = 0; i < 166; i++) y = y.mul(0.99).add(x.sin());
  return y.exp();
};

/** Edges by the names of their ends. */
function links({ nodes, edges }: GraphData): string[] {
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  return edges.map(({ from, to }) => `${names.get(from)} ${names.get(to)}`);
}

/** Whether every edge leads from a node that stands before: the graph has no cycle, and no loose end. */
function isOrdered({ nodes, edges }: GraphData): boolean {
  const place = new Map(nodes.map((node, i) => [node.id, i]));
  return edges.every(({ from, to }) => place.get(from)! < place.get(to)!);
}

describe("the lecture's function", () => {
  const graph = graphOf(lecture, 2, 5);

  test("has its nodes, edges and partials", () => {
    expect(graph.nodes.map(({ role }) => role).join(" ")).toBe("input input value value value value output");
    expect(graph.nodes.at(-1)).toMatchObject({ name: "v7", formula: "v5 − v6", value: "11.652", results: ["y"] });
    expect(links(graph)).toEqual(["v1 v3", "v1 v4", "v2 v4", "v3 v5", "v4 v5", "v2 v6", "v5 v7", "v6 v7"]);
    expect(graph.edges.map(({ partial }) => partial)).toEqual(["0.5", "5", "2", "1", "1", "0.28366", "1", "−1"]);
  });

  test("has the graph of its adjoints, which flows from the result to the inputs", () => {
    const both = graph.drawn({ adjoints: true });
    expect(isOrdered(both)).toBe(true);
    const bar = (name: string): string => name.replaceAll("v", "v\u0304");
    const [first] = graph.adjoints.nodes;
    expect(first).toMatchObject({ role: "adjoint", name: bar("v7 = v5 = v4 = v3"), value: "1", of: "n7" });
    const gradient = graph.adjoints.nodes.filter(({ of }) => of === "n1" || of === "n2");
    expect(gradient.map(({ name, value }) => [name, value])).toEqual([
      [bar("v2"), "1.7163"],
      [bar("v1"), "5.5"],
    ]);
  });

  test("has the graph of its tangents along each input", () => {
    const { nodes } = graph.tangents["x1"]!;
    expect(nodes.find(({ of }) => of === "n7")).toMatchObject({ role: "tangent", value: "5.5" });
    expect(isOrdered(graph.drawn({ tangents: "x2" }))).toBe(true);
  });

  test("is text for Graphviz and Mermaid", () => {
    const dot = graph.toDot({ adjoints: true });
    expect(dot).toMatch(/^digraph \{\n[^]*\}\n$/);
    expect(dot).toContain('n4 [label="v4 = v1 · v2\\n10"');
    expect(dot).toContain("{ rank=same; n1; a10; }");
    expect(graph.toDOT({ adjoints: true })).toBe(dot);
    expect(graph.toDot({ direction: "right", legend: false, values: false })).toContain('n4 [label="v4 = v1 · v2",');
    expect(graph.toMermaid()).toContain('\n  n4("v4 = v1 · v2<br/>10"):::value\n');
    expect(graph.toMermaid()).toContain('\n  n1 -->|"0.5"| n3\n');
  });
});

test("a value that is used twice is one node with two edges", () => {
  const graph = graphOf((x: Tensor) => {
    const square = x.mul(x);
    return square.exp().add(square);
  }, 3);
  expect(links(graph)).toEqual(["v1 v2", "v1 v2", "v2 v3", "v3 v4", "v2 v4"]);
  expect(graph.edges.slice(0, 2).map(({ partial }) => partial)).toEqual(["6", undefined]);
});

test("a network has its parameters, and what is passed along, by name", () => {
  const w = parameter(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    { label: "W" },
  );
  const f = (x: Tensor, labels: Tensor): Tensor => crossEntropy(x.matmul(w), labels);
  const graph = graphOf(f, tensor([[1, 2, 3]]), tensor([1], { dtype: "i32" }));
  const shown = graph.nodes.map(({ role, name, formula }) => `${role}: ${[name, formula].filter(Boolean).join(" = ")}`);
  expect(shown.slice(0, 3)).toEqual(["input: v1 = x1", "parameter: v2 = W", "value: v3 = v1 @ v2"]);
  expect(shown[3]).toBe("value: v4 = crossEntropy(v3, x2)");
  expect(graph.adjoints.nodes.find(({ of }) => of === "n2")!.shape).toEqual([3, 2]);
  expect(graph.adjoints.nodes.map(({ formula }) => formula)).toContain("crossEntropyBackward(v3, x2, v̄4)");
});

describe("the graph behind a tensor", () => {
  test("goes back to its leaves, and stays usable", () => {
    const x = name(tensor([1, 2], { requiresGrad: true }), "x");
    const loss = name(x.square().sum(), "loss");
    const graph = graphOf(loss);
    expect(links(graph)).toEqual(["v1 v2", "v2 loss"]);
    expect(graph.nodes.map(({ formula }) => formula)).toEqual(["x", "v1²", "sum v2"]);
    expect(graph.toDot()).toMatch(/label="loss = sum v2/);
    loss.backward();
    expect(x.grad!.toArray()).toEqual([2, 4]);
    expectRefused(() => graphOf(loss), GradientError, /an earlier backward freed/);
  });

  test("is drawn inside a derivative too", () => {
    let nodes = 0;
    grad((x: Tensor) => {
      const y = x.square().exp();
      nodes = graphOf(y).nodes.length;
      return y;
    })(1);
    expect(nodes).toBe(3);
  });
});

describe("large graphs", () => {
  const graph = graphOf(long, 1.5);

  test.each([3, 4, 24, 150])("at most %d nodes are drawn, and how many are not", (limit) => {
    const drawn = graph.drawn({ limit });
    expect(drawn.nodes).toHaveLength(limit);
    expect(isOrdered(drawn)).toBe(true);
    const rest = drawn.nodes.find(({ role }) => role === "elided")!;
    expect(rest.name).toBe(`${graph.nodes.length - limit + 1} values not shown`);
    expect(graph.toDot({ limit })).toContain(`… ${rest.name} …`);
    const both = graph.drawn({ limit, adjoints: true });
    expect(both.nodes).toHaveLength(2 * limit);
    expect(isOrdered(both)).toBe(true);
    expect(both.nodes.filter(({ standsFor }) => standsFor === "adjoint")).toHaveLength(1);
  });

  test("without a limit all are", () => {
    expect(graph.drawn({ limit: Infinity }).nodes).toHaveLength(500);
    expect(graph.drawn().nodes).toHaveLength(150);
  });

  test("a depth leaves the last steps, and the inputs", () => {
    const drawn = graph.drawn({ depth: 2 });
    expect(drawn.nodes.map(({ name }) => name)).toEqual(["v1", "495 values not shown", "v497", "v498", "v499", "v500"]);
    expect(isOrdered(drawn)).toBe(true);
    expect(isOrdered(graph.drawn({ depth: 2, adjoints: true }))).toBe(true);
    expect(graph.drawn({ depth: 2, adjoints: true }).nodes.length).toBeLessThan(20);
  });

  test("no depth and limit draw a circle, or more nodes than the limit", () => {
    const random = new Random("depth and limit");
    for (let i = 0; i < 150; i++) {
      const steps = Array.from({ length: random.integer(1, 25) }, () => [random.next(), random.next(), random.next()]);
      const f = (...xs: Tensor[]): Tensor[] => {
        const values = [...xs];
        const at = (place: number): Tensor => values[Math.floor(place * values.length)]!;
        for (const [kind, x, y] of steps) values.push(kind! < 0.4 ? at(x!).sin() : at(x!).mul(at(y!)));
        return [values[xs.length]!, values.at(-1)];
      };
      const drawing = graphOf(f, 0.5, 2, -1);
      for (const derived of [{}, { adjoints: true }, { tangents: "x1" }]) {
        const [depth, limit] = [random.integer(0, 5), random.integer(3, 11)];
        expect(isOrdered(drawing.drawn({ depth, ...derived }))).toBe(true);
        const both = drawing.drawn({ depth, limit, ...derived });
        expect(isOrdered(both)).toBe(true);
        const count = both.nodes.filter(({ role, standsFor = role }) => /adjoint|tangent/.test(standsFor)).length;
        expect(Math.max(count, both.nodes.length - count)).toBeLessThanOrEqual(limit);
      }
    }
  });

  test("thousands of nodes deep is ordinary", () => {
    const x = tensor(1, { requiresGrad: true });
    let y: Tensor = x;
    for (let i = 0; i < 5_000; i++) y = y.add(1);
    expect(graphOf(y).drawn({ depth: 3 }).nodes).toHaveLength(6);
  });
});

describe("hostile names", () => {
  const names = [
    '"];\n evil',
    "\\N\\",
    "<script>alert(1)</script>",
    "a|b`c`",
    "&amp;",
    "end",
    "\u202eabc",
    "x".repeat(500),
    "half \ud83d of one",
  ];

  test.each(names)("%j stays text", (label) => {
    const graph = graphOf((x: Tensor) => name(x.sin(), label).exp(), 1);
    const dot = graph.toDot();
    // Outside of quoted strings there is no trace of it.
    const bare = dot.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').replaceAll(/label=<.*>/g, "");
    expect(bare).not.toMatch(/evil|script|abc|xxx|`/);
    expect(dot.split("\n").length).toBe(
      graphOf((x: Tensor) => x.sin().exp(), 1)
        .toDot()
        .split("\n").length,
    );
    const mermaid = graph.toMermaid().replaceAll(/"[^"\n]*"/g, '""');
    expect(mermaid).not.toMatch(/evil|script|abc|xxx|`/);
    expect(graph.toMermaid()).not.toMatch(/<(?!br\/>)|`/);
    expect(dot.length).toBeLessThan(3000);
    expect(dot).not.toMatch(/\p{Surrogate}/u);
  });
});

test("holds no tensors", () => {
  const before = memory().tensors;
  const graph = graphOf(lecture, tensor(2), tensor(5));
  scope(() => void graphOf(long, 1));
  expect(memory().tensors - before).toBeLessThanOrEqual(2);
  expect(JSON.parse(JSON.stringify(graph)).nodes).toHaveLength(7);
});

const freed = scope(() => {
  const x = tensor([1, 2]);
  x.dispose();
  return { x };
});

test.each([
  ["no function", () => graphOf("f" as never), ValueError, /expected a function, got f$/],
  ["a tensor without a graph", () => graphOf(tensor(1)), GradientError, /a tensor without a graph$/],
  ["freed arguments", () => graphOf((x: Tensor) => x.sin(), freed.x), FreedError, /freed by dispose/],
  ["a negative depth", () => graphOf(sin, 1).toDot({ depth: -1 }), ValueError, /a whole depth from 0 on, got -1$/],
  ["half a step", () => graphOf(sin, 1).drawn({ depth: 1.5 }), ValueError, /a whole depth from 0 on, got 1\.5$/],
  ["half a node", () => graphOf(sin, 1).drawn({ limit: 3.5 }), ValueError, /a whole number, got 3\.5$/],
  [
    "a limit of nothing",
    () => graphOf(sin, 1).toDot({ limit: 2 }),
    ValueError,
    /a limit of 3 nodes or more, a whole number, got 2$/,
  ],
  ["a direction", () => graphOf(sin, 1).toDot({ direction: "up" as never }), ValueError, /got up$/],
  ["tangents along nothing", () => graphOf(sin, 1).toDot({ tangents: "q" }), ValueError, /inputs x1, got q$/],
  ["both", () => graphOf(sin, 1).toDot({ tangents: "x1", adjoints: true }), ValueError, /got both$/],
] as const)("refuses %s", (_, call, type, message) => {
  expectRefused(call, type, message, { temporaries: true });
});

test("results that depend on nothing are drawn too", () => {
  const c = name(tensor([1, 2]), "c");
  const graph = graphOf((x: Tensor) => ({ a: tensor(3), b: x.mul(c).sum(), again: c, c }), 2);
  const shown = graph.nodes.map(({ results, formula, value, role }) => [results.join(), formula, value, role]);
  expect(shown).toContainEqual(["y.a", "3", "3", "output"]);
  expect(shown).toContainEqual(["y.again,y.c", "c", "[1, 2]", "output"]);
  expect(graph.nodes).toHaveLength(6);
  expect(graph.toMermaid()).toContain('("y.again = y.c = c<br/>');
  expect(graphOf((x: Tensor) => tensor(x.rank + 3), 2).toDot()).toContain('label="y = 3"');
});

test("a graph that is printed says how to draw it", () => {
  expect(String(graphOf((x: Tensor) => x.sin().mul(x), 1))).toMatch(/^graph of 3 values and 3 edges: toDot\(\)/);
});
