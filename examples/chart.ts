import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse, View, type Axis, type Mark, type Scale, type Spec } from "vega";

export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Dots for measurements, a line for a course. Default: a line. */
  readonly dots?: boolean;
}

/** What lies between two courses, such as where most of what is measured should be. */
export interface Band {
  readonly label: string;
  readonly points: readonly (readonly [x: number, low: number, high: number])[];
}

/** An image behind the rest, as a data URL, and the part of the plane that it covers: no other part is drawn. */
export interface Background {
  readonly image: string;
  readonly x: readonly [low: number, high: number];
  readonly y: readonly [low: number, high: number];
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Which axes are logarithmic. Default: none. */
  readonly log?: "x" | "y" | "both";
  /** Behind the series. Default: none. */
  readonly bands?: readonly Band[];
  readonly background?: Background;
  /** Of the plot, in pixels. Default 640 and 360. */
  readonly width?: number;
  readonly height?: number;
}

/** Told apart in print, and by those who see colours otherwise. */
export const COLORS = [
  ...["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"],
  ...["#6a51a3", "#8c510a", "#7f7f7f", "#a6a000"],
];
/** How opaque bands and dots are. */
const [BAND, DOT] = [0.2, 0.75];
const INK = "#1c1c1c";
const MUTED = "#5b6470";

/** Draws a chart of lines, dots and bands with vega; as SVG. */
export async function draw({ title, x, y, series, log, ...rest }: Chart): Promise<string> {
  const { bands = [], background, width = 640, height = 360 } = rest;
  const values = series.flatMap(({ label, points, dots = false }) =>
    points.map(([x, y]) => ({ label, x, y, dots })).filter((point) => Number.isFinite(point.y)),
  );
  const logX = log === "x" || log === "both";
  const logY = log === "y" || log === "both";
  const between = bands.flatMap(({ label, points }) => points.map(([x, low, high]) => ({ label, x, y: low, high })));
  const labels = [...new Set([...bands, ...series].map(({ label }) => label))];
  const spec: Spec = {
    width,
    height,
    padding: 12,
    background: "white",
    title: { text: title, color: INK, fontSize: 15, anchor: "start", offset: 16 },
    data: [
      { name: "values", values },
      { name: "between", values: between },
    ],
    scales: [
      scaleOf("x", logX, "width", background?.x),
      scaleOf("y", logY, "height", background?.y),
      ordinal("color", labels, COLORS),
      ...symbolsOf(labels, bands, series),
    ],
    axes: [axisOf("bottom", "x", x, logX), axisOf("left", "y", y, logY)],
    legends: [
      {
        stroke: "color",
        orient: "right",
        labelFontSize: 12,
        labelLimit: 0,
        symbolStrokeWidth: 3,
        encode: {
          symbols: {
            update: {
              shape: { scale: "shape", field: "value" },
              fill: { scale: "color", field: "value" },
              fillOpacity: { scale: "opacity", field: "value" },
              strokeOpacity: { scale: "outline", field: "value" },
            },
          },
        },
      },
    ],
    marks: [...(background ? [picture(background)] : []), areas(), lines(), dots()],
  };
  return new View(parse(spec), { renderer: "none" }).toSVG();
}

/** Writes a file, with the folders that it lies in, and says so. */
export function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  console.log(`wrote ${path}`);
}

function scaleOf(
  name: "x" | "y",
  log: boolean,
  range: "width" | "height",
  covered?: readonly [low: number, high: number],
): Scale {
  if (covered) return { name, type: "linear", domain: [...covered], range, zero: false };
  const fields = [
    { data: "values", field: name },
    { data: "between", field: name },
    ...(name === "y" ? [{ data: "between", field: "high" }] : []),
  ];
  return log
    ? { name, type: "log", domain: { fields }, range, nice: true }
    : { name, type: "linear", domain: { fields }, range, nice: true, zero: false };
}

function ordinal(name: string, labels: string[], range: (string | number)[]): Scale {
  return { name, type: "ordinal", domain: labels, range };
}

/** How the legend shows what is drawn: a dot, a line, a pale square for a band. */
function symbolsOf(labels: string[], bands: readonly Band[], series: readonly Series[]): Scale[] {
  const kinds = labels.map((label) => {
    if (bands.some((band) => band.label === label)) return { shape: "square", opacity: BAND, outline: 0 };
    if (series.some((one) => one.label === label && one.dots)) return { shape: "circle", opacity: DOT, outline: 0 };
    return { shape: "stroke", opacity: 1, outline: 1 };
  });
  return (["shape", "opacity", "outline"] as const).map((name) =>
    ordinal(
      name,
      labels,
      kinds.map((kind) => kind[name]),
    ),
  );
}

function axisOf(orient: "bottom" | "left", scale: string, title: string, log: boolean): Axis {
  const look = { gridColor: "#e3e6ea", labelColor: MUTED, titleColor: MUTED, titleFontWeight: "normal" as const };
  const fonts = { labelFontSize: 12, titleFontSize: 13, titlePadding: 10, labelPadding: 8 };
  return {
    orient,
    scale,
    title,
    grid: true,
    ticks: false,
    domain: false,
    ...look,
    ...fonts,
    ...(log && logLabels(scale)),
  };
}

/** Few labels, short ones, and all of one kind: 0.01 and 1e-8 do not stand on one axis. */
function logLabels(scale: string) {
  const [least, most] = [`domain('${scale}')[0]`, `domain('${scale}')[1]`];
  const label = `format(datum.value, ${least} < 1e-4 || ${most} > 1e5 ? '~e' : '~g')`;
  const text = { signal: `datum.label === '' ? '' : ${label}` };
  return { format: "~g", tickCount: 8, labelOverlap: true, encode: { labels: { update: { text } } } };
}

function picture({ image, x, y }: Background): Mark {
  const enter = {
    url: { value: image },
    x: { scale: "x", value: x[0] },
    x2: { scale: "x", value: x[1] },
    y: { scale: "y", value: y[1] },
    y2: { scale: "y", value: y[0] },
    aspect: { value: false },
  };
  return { type: "image", encode: { enter } };
}

function areas(): Mark {
  return {
    type: "group",
    from: { facet: { name: "band", data: "between", groupby: "label" } },
    marks: [
      {
        type: "area",
        from: { data: "band" },
        encode: {
          enter: {
            x: { scale: "x", field: "x" },
            y: { scale: "y", field: "y" },
            y2: { scale: "y", field: "high" },
            fill: { scale: "color", field: "label" },
            fillOpacity: { value: BAND },
          },
        },
      },
    ],
  };
}

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
        opacity: { signal: `datum.dots ? ${DOT} : 0` },
      },
    },
  };
}
