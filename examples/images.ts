import { PNG } from "pngjs";

/** Rows of pixels from the top, each red, green, blue and how opaque, from 0 to 255; as a data URL. */
export function png(width: number, height: number, pixels: ArrayLike<number>): string {
  const image = new PNG({ width, height });
  image.data.set(pixels);
  return `data:image/png;base64,${PNG.sync.write(image).toString("base64")}`;
}

/** Ink from 0 to 1, or somewhat outside, as black on nothing. */
export function inkPng(width: number, height: number, ink: ArrayLike<number>): string {
  const opacity = Array.from(ink, (x) => Math.round(255 * Math.min(1, Math.max(0, x))));
  return png(
    width,
    height,
    opacity.flatMap((a) => [0, 0, 0, a]),
  );
}

/** An image and what stands under it. */
export interface Tile {
  readonly image: string;
  readonly caption?: string;
}

export interface Gallery {
  readonly title: string;
  readonly tiles: readonly Tile[];
  readonly columns: number;
  /** Width and height of each image as drawn. */
  readonly side: number;
  /** What stands left of each row. */
  readonly rows?: readonly string[];
}

/** Images in rows, with a title; as SVG. */
export function gallery({ title, tiles, columns, side, rows = [] }: Gallery): string {
  const [margin, top, gap] = [24, 64, 10];
  const left = margin + Math.max(0, ...rows.map((row) => 8 * row.length + 12));
  const height = side + (tiles.some(({ caption }) => caption) ? 20 : 0) + gap;
  const place = (i: number): [number, number] => [
    left + (i % columns) * (side + gap),
    top + Math.floor(i / columns) * height,
  ];
  const drawn = tiles.map(({ image, caption = "" }, i) => {
    const [x, y] = place(i);
    return (
      `<image href="${image}" x="${x}" y="${y}" width="${side}" height="${side}" style="image-rendering: pixelated"/>` +
      `<text x="${x + side / 2}" y="${y + side + 15}" text-anchor="middle">${caption}</text>`
    );
  });
  const names = rows.map((row, i) => `<text x="${margin}" y="${place(i * columns)[1] + side / 2 + 4}">${row}</text>`);
  const [right, bottom] = [
    left + columns * (side + gap) - gap + margin,
    top + Math.ceil(tiles.length / columns) * height,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${right} ${bottom + 8}" width="${right}" height="${bottom + 8}">
<rect width="100%" height="100%" fill="white"/>
<g font-family="sans-serif" font-size="12" fill="#5b6470">
<text x="${margin}" y="34" font-size="15" font-weight="bold" fill="#1c1c1c">${title}</text>
${[...names, ...drawn].join("\n")}
</g>
</svg>
`;
}
