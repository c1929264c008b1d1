/** Records of live allocations by address, kept only while debugging: capturing a stack costs more than an operation. */
const live = new Map<number, { readonly bytes: number; readonly site: string }>();
let on = false;

/** Switches the recording of source lines on or off. What was allocated before has none. */
export function setDebug(value: boolean): void {
  on = value;
  if (!on) live.clear();
}

/** Notes an allocation; the source line that asked for it, or "" when not debugging. */
export function recordAllocation(address: number, bytes: number): string {
  if (!on) return "";
  const site = userLine();
  live.set(address, { bytes, site });
  return site;
}

/** Forgets an allocation; the source line that freed it, or "". */
export function recordRelease(address: number): string {
  if (!on) return "";
  live.delete(address);
  return userLine();
}

/** Bytes by the source line that allocated them, largest first. Empty when not debugging. */
export function largestAllocations(count: number): { site: string; bytes: number; tensors: number }[] {
  const bySite = new Map<string, { site: string; bytes: number; tensors: number }>();
  for (const { bytes, site } of live.values()) {
    const sum = bySite.get(site) ?? { site, bytes: 0, tensors: 0 };
    sum.bytes += bytes;
    sum.tensors++;
    bySite.set(site, sum);
  }
  return [...bySite.values()].sort((a, b) => b.bytes - a.bytes).slice(0, count);
}

/** A place in a stack's line: file, line and column. */
const PLACE = /(?:\w+:\/\/)?[^\s()@]+:\d+:\d+/;

/** The innermost place of the stack that is not the library's own, as file:line:column. */
function userLine(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 64;
  const lines = (new Error().stack ?? "").split("\n");
  Error.stackTraceLimit = limit;
  const places = lines.flatMap((line) => PLACE.exec(line) ?? []);
  // This place is in the library's folder: the sources' `bindings/`, or that of the bundle.
  const own = places[0]?.replace(/(runtime\/)?[^/]*$/, "") ?? "";
  return places.find((place) => !place.startsWith(own)) ?? "";
}
