/** What does not fit into so many characters is left out: one step of hundreds of arguments would make every line as long. */
const WIDEST = 160;

/** Rows of cells as lines of text, with the columns below each other; numbers, told by `right`, end below each other. */
export function aligned(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  const fitted = rows.map((row) =>
    row.map((cell, i) => {
      const text = cut(cell, WIDEST);
      widths[i] = Math.max(widths[i] ?? 0, text.length);
      return text;
    }),
  );
  return fitted
    .map((row) => {
      const cells = row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
      return `  ${cells.join("  ")}`.trimEnd();
    })
    .join("\n");
}

/** A text that is no longer than so many characters; it does not end in the first half of one. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1).replace(/\p{Cs}$/u, "")}…` : text;
}

/** A number of bytes, exact. */
export function showBytes(bytes: number): string {
  return `${String(bytes).replace(/\B(?=(\d{3})+$)/g, " ")} bytes`;
}
