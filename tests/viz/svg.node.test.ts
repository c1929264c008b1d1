// Graphviz draws what it is given: the SVG has every node and edge, and every label as text.
import { expect, test } from "vitest";
import { name, RuntimeError, sin, type Tensor } from "../../bindings/index.js";
import { graphOf } from "../../bindings/viz/index.js";

const count = (svg: string, what: string): number => svg.split(`class="${what}"`).length - 1;

/** The texts of a drawing, with the entities of XML read. */
function texts(svg: string): string[] {
  const read = (text: string): string => text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) =>
    read(text!.replaceAll("&#160;", " "))
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&"),
  );
}

test("an SVG has the nodes, the edges, a legend, and a title for readers", async () => {
  const graph = graphOf((x1: Tensor, x2: Tensor) => x1.log().add(x1.mul(x2)).sub(sin(x2)), 2, 5);
  const svg = await graph.toSVG();
  expect(svg).toMatch(/^<svg role="img"[^]*<\/svg>\s*$/);
  expect([count(svg, "node"), count(svg, "edge")]).toEqual([graph.nodes.length + 1, graph.edges.length]);
  expect(texts(svg)).toContain("v4 = v1 · v2");
  const drawn = graph.drawn({ adjoints: true });
  const both = await graph.toSVG({ adjoints: true, legend: false });
  expect([count(both, "node"), count(both, "edge")]).toEqual([drawn.nodes.length, drawn.edges.length]);
});

test.each(['"];\n evil', "\\N\\", "<script>alert(1)</script>", "a|{b}`c`", "&amp;", "\\"])(
  "the name %j is drawn as it is",
  async (label) => {
    const svg = await graphOf((x: Tensor) => name(x.sin(), label).exp(), 1).toSVG();
    expect(texts(svg)).toContain(`${label.replace("\n", " ")} = sin v1`);
    expect(svg).not.toContain("<script");
  },
);

test("a layout may be given; one that fails is named", async () => {
  const graph = graphOf(sin, 1);
  const svg = await graph.toSVG({ layout: { renderString: (_, { format }) => `<?xml?><${format}></${format}>` } });
  expect(svg).toBe('<svg role="img"></svg>');
  const broken = {
    renderString(): string {
      throw new Error("no room");
    },
  };
  await expect(graph.toSVG({ layout: broken })).rejects.toThrow(RuntimeError);
});
