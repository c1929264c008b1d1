/** The bytes of a file, by its address in a page and by its path elsewhere. */
export async function readBytes(place: string): Promise<Uint8Array> {
  if (typeof document === "undefined") return (await import("node:fs/promises")).readFile(place);
  const response = await fetch(place);
  if (!response.ok) throw new Error(`${place}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
