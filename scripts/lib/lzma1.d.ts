// The parts of lzma1 that pack.mjs uses: the package gives its sources for types, which are not as strict as ours.
export class InputBuffer {
  constructor(bytes: Uint8Array);
}

export class OutputBuffer {
  toArray(): Uint8Array;
}

export class Encoder {
  _numLiteralContextBits: number;
  _posStateBits: number;
  _posStateMask: number;
  configure(level: object): void;
  compress(input: InputBuffer, output: OutputBuffer, level: object | undefined): void;
}

export const MODES: Readonly<Record<number, object>>;
