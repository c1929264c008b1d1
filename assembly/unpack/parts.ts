// WebAssembly modules put together again from their parts, as scripts/lib/parts.mjs takes them apart: what is alike lies side
// by side there, opcodes by opcodes and locals by locals, and is packed more closely than where they take turns.
//
// First a word for each part, its length; then 256 halves, which say of each byte in the place of an opcode whether it stands for a
// vector instruction, as it does for every multiply-add: for the one whose number is one less; or for an instruction with its operand;
// then 256 bytes, which say how far the byte is from each that takes its place in a function which is packed as its twin is, f64 as
// f32 (scripts/lib/twins.mjs); then the parts. All that lies between the functions is a part too.

/**
 * Opcodes with the types of blocks, locals by their place among those used last, types of locals after 1 for a twin or 0, offsets,
 * integers, other constants, lanes, labels, indices, and the rest.
 */
const OPCODES: usize = 0;
const LOCALS: usize = 1;
const TYPES: usize = 2;
const OFFSETS: usize = 3;
const INTEGERS: usize = 4;
const CONSTANTS: usize = 5;
const LANES: usize = 6;
const LABELS: usize = 7;
const INDICES: usize = 8;
const REST: usize = 9;
const PARTS: usize = 10;
/** More than a function has. */
const MOST_LOCALS: usize = 1024;

const LOCAL_GET: u8 = 0x20;
const LOCAL_SET: u8 = 0x21;
/** From here on the table holds an opcode and its operand of one byte: of blocks first, then of branches and constants. */
const PAIR: u32 = 0x200;
const PAIR_OF_BRANCH: u32 = 0x500;
/** The first of the relaxed multiply-adds, among the vector instructions. */
const MULTIPLY_ADD: u32 = 0x105;

/** The numbers of a function's locals, the last one that was used first. */
const recent: usize = memory.data(2 * MOST_LOCALS);

/** Where the words are, each of which becomes the place that is read next; where the short opcodes are; where to write. */
let words: usize = 0;
let shorts: usize = 0;
let to: usize = 0;

/** Whether multiply-adds stay as they are; if not, the first of two locals by which they become products and sums. */
let fused: bool = false;
let spare: u32 = 0;

/** Whether the function that is read is packed as its twin. */
let twin: bool = false;

/** Writes the module whose parts lie at `parts` to `out`, and returns its end. */
export function assemble(parts: usize, out: usize, isFused: bool): usize {
  fused = isFused;
  words = parts;
  shorts = parts + (PARTS << 2);
  to = out;
  let end = shorts + 768;
  for (let part: usize = 0; part < PARTS; part++) {
    const length = load<usize>(words + (part << 2));
    store<usize>(words + (part << 2), end);
    end += length;
  }
  copy(REST, 8);
  while (load<usize>(words + (REST << 2)) < end) section();
  return to;
}

function section(): void {
  const id = byte(REST);
  const size = number(REST);
  if (id != 10) return copy(REST, size);
  for (let count = number(REST); count; count--) body();
}

/** A function: its size comes first, and is known last. */
function body(): void {
  const place = to;
  const start = place + 5;
  twin = byte(TYPES) != 0;
  to = start;
  for (let groups = number(TYPES); groups; groups--) {
    number(TYPES);
    byte(TYPES);
  }
  for (let i: usize = 0; i < MOST_LOCALS; i++) store<u16>(recent + (i << 1), i);
  spare = 0;
  for (let depth = 0; depth >= 0;) depth += instruction();
  const size = to - start;
  to = place;
  write(<u32>size);
  memory.copy(to, start, size);
  to += size;
}

/** One instruction; returns 1 where it opens a block, -1 where it ends one. */
function instruction(): i32 {
  const at = load<usize>(words);
  let op = load<u8>(at);
  if (twin) op += load<u8>(shorts + 512 + op);
  const short = load<u16>(shorts + ((<usize>op) << 1));
  if (short) {
    store<usize>(words, at + 1);
    if (short >= PAIR) {
      store<u8>(to++, short >> 8);
      store<u8>(to++, short);
      return i32(short < PAIR_OF_BRANCH);
    }
    if (short > MULTIPLY_ADD) multiplyAdd(short - 1);
    else plain(short - 1);
    return 0;
  }
  byte(OPCODES);
  store<u8>(to - 1, op);
  if (op == 0x0b) return -1;
  if (op >= 0x02 && op <= 0x04) {
    byte(OPCODES);
    return 1;
  }
  if (op >= 0x20 && op <= 0x22) local();
  else if (op >= 0x28 && op <= 0x3e) address();
  else if (op == 0x41 || op == 0x42) number(INTEGERS);
  else if (op == 0x43) copy(CONSTANTS, 4);
  else if (op == 0x44) copy(CONSTANTS, 8);
  else if (op == 0x0c || op == 0x0d) number(LABELS);
  else if (op == 0x0e) for (let n = number(LABELS) + 1; n; n--) number(LABELS);
  else if (op == 0x10 || op == 0x23 || op == 0x24) number(INDICES);
  else if (op == 0x11) {
    number(INDICES);
    number(INDICES);
  } else if (op == 0x3f || op == 0x40) byte(OPCODES);
  else if (op == 0xfc) {
    const bulk = number(OPCODES);
    if (bulk == 10) copy(OPCODES, 2);
    else if (bulk == 11) byte(OPCODES);
  } else if (op == 0xfd) vector(number(OPCODES));
  else if (op == 0xfe) {
    number(OPCODES);
    number(OPCODES);
    number(OFFSETS);
  }
  return 0;
}

/** A vector instruction. */
function plain(op: u32): void {
  store<u8>(to++, 0xfd);
  write(op);
  vector(op);
}

/** A multiply-add, which is that of f32x4 or f64x2, and adds the product if its number is odd, else takes it away. */
function multiplyAdd(op: u32): void {
  const start = to;
  if (!spare) spare = number(LOCALS);
  to = start;
  if (fused) return plain(op);
  const sum: u32 = op < MULTIPLY_ADD + 2 ? 0xe4 : 0xf0;
  access(LOCAL_SET, spare);
  plain(sum + 2);
  if (!(op & 1)) access(LOCAL_SET, spare + 1);
  access(LOCAL_GET, spare);
  if (!(op & 1)) access(LOCAL_GET, spare + 1);
  plain(sum + 1 - (op & 1));
}

function access(op: u8, local: u32): void {
  store<u8>(to++, op);
  write(local);
}

/** What follows the number of a vector instruction. */
function vector(op: u32): void {
  if (op <= 11 || (op >= 84 && op <= 93)) address();
  if (op == 12) copy(CONSTANTS, 16);
  else if (op == 13) copy(LANES, 16);
  else if ((op >= 21 && op <= 34) || (op >= 84 && op <= 91)) byte(LANES);
}

/** An alignment that says nothing, and an offset. */
function address(): void {
  store<u8>(to++, 0);
  number(OFFSETS);
}

/** The number of a local, which is the last one used from now on. */
function local(): void {
  const start = to;
  const place = recent + ((<usize>number(LOCALS)) << 1);
  const found = load<u16>(place);
  for (let at = place; at > recent; at -= 2) store<u16>(at, load<u16>(at - 2));
  store<u16>(recent, found);
  to = start;
  write(found);
}

/** The next byte of a part, which is written too. */
function byte(part: usize): u8 {
  const word = words + (part << 2);
  const at = load<usize>(word);
  const value = load<u8>(at);
  store<usize>(word, at + 1);
  store<u8>(to++, value);
  return value;
}

function copy(part: usize, count: u32): void {
  for (; count; count--) byte(part);
}

/** The next number of a part in LEB128, likewise; a signed one is not what is returned. */
function number(part: usize): u32 {
  let value: u32 = 0;
  let shift: u32 = 0;
  let bits: u32 = 128;
  while (bits > 127) {
    bits = byte(part);
    value |= (bits & 127) << shift;
    shift += 7;
  }
  return value;
}

/** Writes a number in LEB128. */
function write(value: u32): void {
  for (; value > 127; value >>>= 7) store<u8>(to++, value | 128);
  store<u8>(to++, value);
}
