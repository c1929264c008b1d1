import { parse, View, type Axis, type Spec } from "vega";

/** Colours are the page's variables, so that a chart follows it into the dark. */
const INK = "var(--ink)";
const MUTED = "var(--muted)";
const RULE = "var(--rule)";
const ACCENT = "var(--accent)";
const RIGHT_CELL = "var(--right-cell)";
const WRONG_CELL = "var(--wrong-cell)";

/** So many points are drawn of a long training; more would only make the page heavy. */
const MOST_POINTS = 3000;

/** The smoothed loss is a mean over this many steps on either side. */
export const REACH = 20;

/** The loss of each step with its smoothed course, epochs marked with a label each; as SVG. */
export function lossChart(
  epochs: readonly { losses: readonly number[]; label: string }[],
  batch: number,
): Promise<string> {
  const losses = epochs.flatMap((epoch) => epoch.losses);
  // A logarithmic axis has no zero.
  const raw = losses.map((loss, i) => ({ step: i + 1, loss: Math.max(loss, 1e-6) }));
  const course = smoothed(losses).map((loss, i) => ({ step: i + 1, loss: Math.max(loss, 1e-6) }));
  const stride = Math.ceil(losses.length / MOST_POINTS);
  const thinned = (_: unknown, i: number): boolean => i % stride === 0;
  const ticks = roundNumbers(raw.map(({ loss }) => loss));
  let end = 0;
  const marks = epochs.map(({ losses, label }) => ({ step: (end += losses.length), label }));

  const curve = (data: string, color: string, width: number, opacity: number) =>
    ({
      type: "line",
      from: { data },
      encode: {
        enter: {
          x: { scale: "x", field: "step" },
          y: { scale: "y", field: "loss" },
          stroke: { value: color },
          strokeWidth: { value: width },
          strokeOpacity: { value: opacity },
          strokeJoin: { value: "round" },
        },
      },
    }) as const;

  return toSvg({
    description: "Cross-entropy loss of each training step, raw and smoothed",
    width: 840,
    height: 340,
    data: [
      { name: "raw", values: raw.filter(thinned) },
      { name: "course", values: course.filter(thinned) },
      { name: "marks", values: marks },
    ],
    scales: [
      { name: "x", type: "linear", domain: [0, losses.length], range: "width" },
      { name: "y", type: "log", domain: { data: "raw", field: "loss" }, nice: false, range: "height" },
    ],
    axes: [
      {
        ...AXIS,
        orient: "bottom",
        scale: "x",
        title: `training step (a batch of ${batch} images)`,
        grid: false,
        tickCount: 8,
      },
      { ...AXIS, orient: "left", scale: "y", title: "cross-entropy loss (logarithmic)", values: ticks, format: "~r" },
    ],
    marks: [
      {
        type: "rule",
        from: { data: "marks" },
        encode: {
          enter: {
            x: { scale: "x", field: "step" },
            y: { value: -4 },
            y2: { signal: "height" },
            stroke: { value: MUTED },
            strokeDash: { value: [3, 4] },
          },
        },
      },
      curve("raw", ACCENT, 1, 0.28),
      curve("course", ACCENT, 2.5, 1),
      {
        type: "text",
        from: { data: "marks" },
        encode: {
          enter: {
            x: { scale: "x", field: "step" },
            y: { value: -9 },
            align: { value: "right" },
            text: { field: "label" },
            fontSize: { value: 13 },
            fill: { value: INK },
          },
        },
      },
    ],
  });
}

/** The confusion matrix as a heat map: right answers in one colour, mistakes in another with a scale of their own; as SVG. */
export function confusionChart(counts: readonly (readonly number[])[]): Promise<string> {
  const cells = counts.flatMap((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, read) => ({ label, read, count, right: label === read, share: total && count / total }));
  });
  const digits = counts.map((_, digit) => digit);
  const color = { signal: `datum.right ? '${RIGHT_CELL}' : '${WRONG_CELL}'` };
  const side = 520;
  return toSvg({
    description: "How often each digit was read as each digit",
    width: side,
    height: side,
    data: [
      { name: "cells", values: cells },
      { name: "wrong", source: "cells", transform: [{ type: "filter", expr: "!datum.right" }] },
    ],
    scales: [
      { name: "x", type: "band", domain: digits, range: "width", padding: 0.06 },
      { name: "y", type: "band", domain: digits, range: [0, { signal: "height" }], padding: 0.06 },
      { name: "right", type: "pow", exponent: 3, domain: [0, 1], range: [0, 1] },
      // Square roots, since the few frequent mistakes would hide the others.
      { name: "wrong", type: "sqrt", domain: { data: "wrong", field: "count" }, zero: true, range: [0.04, 1] },
    ],
    axes: [
      { ...AXIS, orient: "top", scale: "x", title: "read as", grid: false, labelFontSize: 15 },
      { ...AXIS, orient: "left", scale: "y", title: "true digit", grid: false, labelFontSize: 15 },
    ],
    marks: [
      {
        type: "rect",
        from: { data: "cells" },
        encode: {
          enter: {
            x: { scale: "x", field: "read" },
            width: { scale: "x", band: 1 },
            y: { scale: "y", field: "label" },
            height: { scale: "y", band: 1 },
            cornerRadius: { value: 4 },
            fill: color,
            fillOpacity: { signal: "datum.right ? scale('right', datum.share) : scale('wrong', datum.count)" },
          },
        },
      },
      {
        type: "text",
        from: { data: "cells" },
        encode: {
          enter: {
            x: { scale: "x", field: "read", band: 0.5 },
            y: { scale: "y", field: "label", band: 0.5 },
            align: { value: "center" },
            baseline: { value: "middle" },
            text: { signal: "datum.count > 0 ? format(datum.count, ',') : ''" },
            fontSize: { value: 14 },
            fill: { value: INK },
          },
        },
      },
    ],
  });
}

const AXIS = {
  domain: false,
  ticks: false,
  grid: true,
  gridColor: RULE,
  labelColor: MUTED,
  labelFontSize: 13,
  labelPadding: 8,
  titleColor: MUTED,
  titleFontSize: 13,
  titleFontWeight: "normal",
  titlePadding: 12,
} satisfies Partial<Axis>;

/** The mean over a window around each value. At the beginning, which is steep, the window narrows to stay centred. */
function smoothed(values: readonly number[]): number[] {
  const sums = [0];
  for (const value of values) sums.push(sums[sums.length - 1]! + value);
  return values.map((_, i) => {
    const from = Math.max(0, i - REACH);
    const to = Math.min(values.length, 2 * i - from + 1);
    return (sums[to]! - sums[from]!) / (to - from);
  });
}

/** 1, 2 and 5 times the powers of ten within the values' range. */
function roundNumbers(values: readonly number[]): number[] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const powers = Array.from({ length: 16 }, (_, i) => 10 ** (i - 8));
  return powers.flatMap((power) => [1, 2, 5].map((n) => n * power)).filter((tick) => tick >= low && tick <= high);
}

/** A drawing that takes the width it is given. */
async function toSvg(spec: Spec): Promise<string> {
  const svg = await new View(parse({ ...spec, padding: 4, config: { background: "transparent" } }), {
    renderer: "none",
  }).toSVG();
  return svg.replace(/<svg([^>]*?) width="[^"]*" height="[^"]*"/, "<svg$1");
}
