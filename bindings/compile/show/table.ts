/** Rows of cells as lines of text, with the columns below each other; numbers, told by `right`, end below each other. */
export function aligned(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(0, ...rows.map((row) => (row[i] ?? "").length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)));
      return `  ${cells.join("  ")}`.trimEnd();
    })
    .join("\n");
}

/** A number of bytes, exact. */
export function showBytes(bytes: number): string {
  return `${String(bytes).replace(/\B(?=(\d{3})+$)/g, " ")} bytes`;
}
