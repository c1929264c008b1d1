// The reader of what scripts/lib/carry.mjs writes.

/** The bytes that a text stands for; the place of a character in the alphabet is its byte. */
export function decode(text: string, alphabet: string): Uint8Array {
  const byteOf = new Uint8Array(512);
  for (let byte = 0; byte < alphabet.length; byte++) byteOf[alphabet.charCodeAt(byte)] = byte;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = byteOf[text.charCodeAt(i)]!;
  return bytes;
}

/** The bytes that a difference makes of `base`: new ones, and copies from the base, in turn. */
export function patch(base: Uint8Array, difference: Uint8Array): Uint8Array {
  let at = 0;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = difference[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const made = new Uint8Array(unsigned());
  const end = unsigned() + at;
  let fresh = end;
  let from = 0;
  for (let to = 0; at < end;) {
    const count = unsigned();
    made.set(difference.subarray(fresh, fresh + count), to);
    fresh += count;
    to += count;
    const length = unsigned();
    const distance = unsigned();
    from += distance & 1 ? -(distance + 1) / 2 : distance / 2;
    made.set(base.subarray(from, from + length), to);
    from += length;
    to += length;
  }
  return made;
}
