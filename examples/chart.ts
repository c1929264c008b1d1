import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse, View, type Axis, type Mark, type Scale, type Spec } from "vega";

export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Dots for measurements, a line for a course. Default: a line. */
  readonly dots?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Which axes are logarithmic. Default: none. */
  readonly log?: "x" | "y" | "both";
}

/** Told apart in print, and by those who see colours otherwise. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
const INK = "#1c1c1c";
const MUTED = "#5b6470";

/** Draws a chart of lines and dots with vega; as SVG. */
export async function draw({ title, x, y, series, log }: Chart): Promise<string> {
  const values = series.flatMap(({ label, points, dots = false }) =>
    points.map(([x, y]) => ({ label, x, y, dots })).filter((point) => Number.isFinite(point.y)),
  );
  const logX = log === "x" || log === "both";
  const logY = log === "y" || log === "both";
  const labels = series.map(({ label }) => label);
  const spec: Spec = {
    width: 640,
    height: 360,
    padding: 12,
    background: "white",
    title: { text: title, color: INK, fontSize: 15, anchor: "start", offset: 16 },
    data: [{ name: "values", values }],
    scales: [scaleOf("x", logX, "width"), scaleOf("y", logY, "height"), colorsOf(labels)],
    axes: [axisOf("bottom", "x", x, logX), axisOf("left", "y", y, logY)],
    legends: [
      {
        stroke: "color",
        orient: "right",
        labelFontSize: 12,
        labelLimit: 0,
        symbolType: "stroke",
        symbolStrokeWidth: 3,
      },
    ],
    marks: [lines(), dots()],
  };
  return new View(parse(spec), { renderer: "none" }).toSVG();
}

/** Writes a file, with the folders that it lies in, and says so. */
export function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
}

function scaleOf(name: "x" | "y", log: boolean, range: "width" | "height"): Scale {
  const domain = { data: "values", field: name };
  return log
    ? { name, type: "log", domain, range, nice: true }
    : { name, type: "linear", domain, range, nice: true, zero: false };
}

function colorsOf(labels: string[]): Scale {
  return { name: "color", type: "ordinal", domain: labels, range: COLORS };
}

function axisOf(orient: "bottom" | "left", scale: string, title: string, log: boolean): Axis {
  const look = { gridColor: "#e3e6ea", labelColor: MUTED, titleColor: MUTED, titleFontWeight: "normal" as const };
  const fonts = { labelFontSize: 12, titleFontSize: 13, titlePadding: 10, labelPadding: 8 };
  return { orient, scale, title, grid: true, ticks: false, domain: false, ...look, ...fonts, ...(log && logLabels) };
}

/** Few labels, short ones. */
const logLabels = { format: "~g", tickCount: 8, labelOverlap: true };

function lines(): Mark {
  return {
    type: "group",
    from: { facet: { name: "line", data: "values", groupby: ["label", "dots"] } },
    marks: [
      {
        type: "line",
        from: { data: "line" },
        encode: {
          enter: {
            x: { scale: "x", field: "x" },
            y: { scale: "y", field: "y" },
            stroke: { scale: "color", field: "label" },
            strokeWidth: { value: 2 },
            strokeOpacity: { signal: "datum.dots ? 0 : 1" },
          },
        },
      },
    ],
  };
}

function dots(): Mark {
  return {
    type: "symbol",
    from: { data: "values" },
    encode: {
      enter: {
        x: { scale: "x", field: "x" },
        y: { scale: "y", field: "y" },
        fill: { scale: "color", field: "label" },
        size: { value: 36 },
        opacity: { signal: "datum.dots ? 0.75 : 0" },
      },
    },
  };
}
