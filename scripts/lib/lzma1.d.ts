// The part of lzma1 that pack.mjs uses: the package gives its sources for types, which are not as strict as ours.
export function compress(bytes: Uint8Array, level?: number): Int8Array;
