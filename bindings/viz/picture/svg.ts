import { MissingPackageError, RuntimeError } from "../../errors.js";

/** What lays the drawing out: an instance of Graphviz, as `instance()` of `@viz-js/viz` gives it. */
export interface Layout {
  /** The text of a picture in a format, such as "svg", of a graph in Graphviz's language. */
  renderString(dot: string, options: { format: string }): string;
}

const PACKAGE = "@viz-js/viz";

/** A drawing in Graphviz's language as an SVG, by the layout given or by the package that is installed. */
export async function toSvg(dot: string, layout?: Layout): Promise<string> {
  const graphviz = layout ?? (await installed());
  let svg: string;
  try {
    svg = graphviz.renderString(dot, { format: "svg" });
  } catch (error) {
    throw new RuntimeError("toSVG", "a drawing that Graphviz can lay out", String(error), { cause: error });
  }
  return svg.slice(svg.indexOf("<svg")).replace("<svg", '<svg role="img"');
}

async function installed(): Promise<Layout> {
  let found: { instance(): Promise<Layout> };
  try {
    found = await import("@viz-js/viz");
  } catch (error) {
    const wanted = `the package ${PACKAGE} (npm install ${PACKAGE}), or a { layout } made by its instance()`;
    throw new MissingPackageError("toSVG", wanted, "neither", { cause: error });
  }
  return found.instance();
}
