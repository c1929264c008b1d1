import { withTracking } from "../core/running/apply.js";
import { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import { showShape } from "../core/shape.js";
import { entriesOf } from "./elements.js";
import { FormatError, ValueError } from "../errors.js";
import { writeFile } from "./file.js";
import type { NameOptions } from "./limits.js";
import { reading } from "./safetensors/read.js";
import { safetensorsOf } from "./safetensors/write.js";
import { read, type ReadOptions, type Source } from "./source.js";
import { isPart, loadStates, stateOf, type CheckpointPart, type Scalar } from "./state.js";
import { checkOptions } from "../shared/options.js";

/** What a checkpoint is made of, by name: what has a state, and plain numbers, truth values and texts such as the step. */
export type Checkpoint = Readonly<Record<string, CheckpointPart | Scalar>>;

/** Marks a checkpoint, and the version of its layout. */
const MARK = ["wengert", "checkpoint 1"] as const;

/**
 * Model, optimiser, generator, step and whatever else has a state, as the bytes of one safetensors file: the tensors of each
 * part as "part.name", everything else as metadata. All of it as it is now, to the last bit.
 */
export function formatCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  return checkpointOf("formatCheckpoint", checkpoint);
}

/** As `formatCheckpoint`, for who names itself in what it refuses. */
function checkpointOf(operation: string, checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  // A part may make its state anew for whoever asks.
  return withTracking(false, () => ownedBy(operation, () => format(operation, checkpoint)));
}

function format(operation: string, checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, Tensor> = {};
  const metadata: Record<string, string> = { [MARK[0]]: MARK[1] };
  const put = (name: string, value: unknown): void => {
    if (value instanceof Tensor) tensors[name] = value;
    else metadata[name] = toText(operation, name, value);
  };
  for (const [name, part] of entriesOf(operation, checkpoint)) {
    checkPartName(operation, name);
    if (part instanceof Tensor)
      throw new ValueError(
        operation,
        `a part with a state, or a plain value, for ${name}`,
        `a tensor ${part.dtype} ${showShape(part.shape)}, which formatSafetensors writes`,
      );
    if (!isPart(part)) put(name, part);
    else for (const [inner, value] of Object.entries(stateOf(part))) put(`${name}.${inner}`, value);
  }
  return safetensorsOf(operation, tensors, { metadata });
}

/**
 * Writes a checkpoint in Node, whole or not at all: a run that is killed meanwhile leaves the one before. The state is that of
 * the moment of the call, so that training may go on.
 */
export async function saveCheckpoint(path: string | URL, checkpoint: Checkpoint): Promise<void> {
  await writeFile("saveCheckpoint", path, checkpointOf("saveCheckpoint", checkpoint));
}

/**
 * Puts each of `parts` back into the state that a checkpoint has of it; parts that are not asked for stay in the file. Returns
 * the plain values, such as the step. Every name, shape and dtype that does not fit, in whichever part, is named in one
 * `ValueError`, and then all parts are as before.
 */
export async function loadCheckpoint(
  source: Source,
  parts: Readonly<Record<string, CheckpointPart>>,
  options: ReadOptions & NameOptions = {},
): Promise<Record<string, Scalar>> {
  checkOptions("loadCheckpoint", options, { onProgress: null, signal: null, maxNames: 0 });
  for (const [name, part] of entriesOf("loadCheckpoint", parts)) {
    checkPartName("loadCheckpoint", name);
    if (!isPart(part)) throw new ValueError("loadCheckpoint", `a part with a state as ${name}`, String(part));
  }
  const known = Object.values(parts).reduce((sum, part) => sum + Object.keys(stateOf(part)).length, 0);
  const { tensors, metadata } = await read("loadCheckpoint", source, options, (total) =>
    reading("loadCheckpoint", total, { ...options, known }),
  );
  try {
    if (metadata[MARK[0]] !== MARK[1])
      throw new FormatError("loadCheckpoint", `a ${MARK.join(" ")}`, "another safetensors file; see readSafetensors");
    const values: Record<string, Scalar> = {};
    const states = new Map(Object.keys(parts).map((name) => [name, empty()]));
    for (const [name, value] of [...Object.entries(tensors), ...scalarsOf(metadata)]) {
      const dot = name.indexOf(".");
      if (dot >= 0) {
        const state = states.get(name.slice(0, dot));
        if (state) state[name.slice(dot + 1)] = value;
      } else if (!(value instanceof Tensor)) values[name] = value;
    }
    loadStates("loadCheckpoint", new Map([...states].map(([name, state]) => [name, { part: parts[name]!, state }])));
    return values;
  } finally {
    for (const x of Object.values(tensors)) x.dispose();
  }
}

function empty(): Record<string, Tensor | Scalar> {
  return {};
}

function checkPartName(operation: string, name: string): void {
  if (name === "" || name.includes(".") || name === MARK[0] || name === "__proto__")
    throw new ValueError(
      operation,
      `names of parts without a dot, other than ${MARK[0]} and __proto__`,
      JSON.stringify(name),
    );
}

function scalarsOf(metadata: Readonly<Record<string, string>>): [string, Scalar][] {
  return Object.entries(metadata)
    .filter(([name]) => name !== MARK[0])
    .map(([name, text]) => [name, fromText(name, text)]);
}

/** Numbers that JSON lacks. */
const ODD: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity, "-0": -0 };

function toText(operation: string, name: string, value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "boolean" || typeof value === "string" || value === null) return JSON.stringify(value);
  throw new ValueError(
    operation,
    `a part with a state, or a number, truth value or text, as ${name}`,
    Object.prototype.toString.call(value),
  );
}

function fromText(name: string, text: string): Scalar {
  if (Object.hasOwn(ODD, text)) return ODD[text]!;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return value as Scalar; // JSON has no other types.
  } catch {
    // Refused below.
  }
  throw new FormatError("loadCheckpoint", `a number, truth value or text in the metadata ${name}`, text);
}
