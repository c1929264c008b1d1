// The sections of a file other than its cases.
import {
  partsOfDerivatives,
  partsOfFunction,
  partsOfJacobian,
  partsOfNesting,
  partsOfTrajectory,
  type Parts,
} from "./calculus.js";
import { toleranceOf, type Check, type Looser } from "./check.js";
import { SchemaError, type Entry, type GoldenFile, type Tolerance } from "./file.js";
import { MissingOperation } from "./library.js";
import { INITIALIZER_TOLERANCE, partsOfGains, partsOfInitializer, partsOfSchedule } from "./recipes.js";
import { partsOfTrace } from "./traces.js";
import { partsOfTraining } from "./training.js";

interface Section {
  readonly parts: (entry: Entry) => Parts;
  readonly looser?: Looser;
  readonly tolerance?: Tolerance;
  /** Plain numbers, which have no type. */
  readonly onlyF64?: boolean;
}

/** Steps that follow from one another carry their rounding along. */
const STEPS: Looser = { f32: 10, f64: 10 };

const SECTIONS: Readonly<Record<string, Section>> = {
  training: { parts: partsOfTraining, looser: STEPS },
  schedules: { parts: partsOfSchedule, onlyF64: true },
  initializers: { parts: partsOfInitializer, tolerance: INITIALIZER_TOLERANCE },
  gains: { parts: partsOfGains, onlyF64: true },
  traces: { parts: partsOfTrace },
  baydin: { parts: partsOfFunction },
  functions: { parts: partsOfFunction },
  trajectories: { parts: partsOfTrajectory, looser: STEPS },
  nth_derivatives: { parts: partsOfDerivatives },
  jacobians: { parts: partsOfJacobian },
  nesting: { parts: partsOfNesting },
};

/** A section that this runner does not know counts as missing. */
const UNKNOWN: Section = {
  parts: () => {
    throw new MissingOperation("a section of that name");
  },
};

/** The checks of all sections that are not cases. */
export function checksOfSections(file: GoldenFile): Check[] {
  return Object.entries(file.sections).flatMap(([name, entries]) =>
    entries.flatMap((entry, i) => checksOfEntry(file, name, SECTIONS[name] ?? UNKNOWN, entry, i)),
  );
}

function checksOfEntry(file: GoldenFile, name: string, section: Section, entry: Entry, i: number): Check[] {
  const text = (key: string): string | undefined => (typeof entry[key] === "string" ? entry[key] : undefined);
  const about = text("name") ?? text("function") ?? text("expr") ?? text("kind") ?? name;
  const id = text("id") ?? `${name}/${about}/${i}`;
  const { tolerance, looser, onlyF64 = false } = section;
  return Object.entries(partsOf(section, entry, id)).map(([part, run]) => ({
    id: part === "run" ? id : `${id} ${part}`,
    section: name,
    level: text("level") ?? "core",
    name: about,
    run,
    tolerance: tolerance ? () => tolerance : toleranceOf(file, entry["tol"], looser),
    onlyF64,
  }));
}

/** The parts of an entry; one that is missing as a whole is one part, which says so. */
function partsOf(section: Section, entry: Entry, id: string): Parts {
  try {
    return section.parts(entry);
  } catch (error) {
    if (error instanceof SchemaError) throw new SchemaError(`${id}: ${error.message}`);
    if (!(error instanceof MissingOperation)) throw error;
    return {
      run: () => {
        throw error;
      },
    };
  }
}
