import "../methods.js";
import { backward } from "../autodiff/backward.js";
import { inPlaceOf } from "../core/running/apply.js";
import type { Tensor } from "../core/graph.js";
import { ownedBy } from "../core/running/scopes.js";
import type { Variable } from "../core/variable.js";
import { inNameOf, ValueError } from "../errors.js";
import { checkOptions } from "../shared/options.js";
import { counted, Printed } from "../shared/printed.js";
import { checkClosure } from "./checks.js";
import { groupsOf, ParameterGroup, type Memory, type Settings, type ParameterTree } from "./group.js";
import { prefixed, stateOf, takeUp, type StateEntries, type Stateful, type TrainingState } from "./state.js";

/** How a method reads its options, and what it remembers. */
export interface Method<O, S extends Settings, K extends string, C extends string> {
  /** The names of the options. */
  readonly known: Readonly<Record<string, unknown>>;
  /** The options, checked, with defaults for what is not given. */
  readonly settle: (options: O, name: string) => S;
  readonly memory: (settings: S, varied: boolean) => Memory<K, C>;
}

/**
 * Moves parameters against their gradients. `parameters` is a tree of parameters, such as `model.parameters()`, or a list of
 * groups with options of their own: `[{ params: body.parameters() }, { params: head.parameters(), lr: 0.01 }]`.
 *
 * Each `backward` adds to the gradients until `zeroGrad`: several batches make one step when each loss is divided by their
 * number.
 *
 * All that changes is in variables: the learning rate of each group, and what the method remembers. A step can therefore be
 * compiled, and a schedule changes the rate without another capture.
 */
export abstract class Optimizer<S extends Settings = Settings, K extends string = string, C extends string = string>
  extends Printed
  implements Stateful
{
  /** Parameters that are moved with the same settings; one group unless several were given. */
  readonly groups: readonly ParameterGroup<S, K, C>[];
  /** The parameters of all groups. */
  readonly parameters: readonly Variable[];

  /** Throws a ValueError where there are no parameters, one is in two groups, or an option is out of range. */
  constructor(parameters: ParameterTree, options: object, method: Method<never, S, K, C>) {
    super();
    const { name } = this.constructor;
    checkOptions<object>(name, options, method.known);
    this.groups = groupsOf(parameters, options).map(([tree, own]) => {
      checkOptions<object>(name, own, method.known);
      // What a method is given are its own options: its constructor says so.
      const settings = method.settle(own as never, name);
      return new ParameterGroup<S, K, C>(name, tree, settings, (varied) => method.memory(settings, varied));
    });
    this.parameters = this.groups.flatMap((group) => group.parameters);
    const twice = this.parameters.find((parameter, i) => this.parameters.indexOf(parameter) < i);
    if (twice) {
      const names = this.groups
        .filter(({ parameters: own }) => own.includes(twice))
        .map((group) => group.names[group.parameters.indexOf(twice)]);
      throw new ValueError(name, "each parameter in one group", `${names.join(" and ")} in two`);
    }
  }

  /** The learning rate of the first group, a 0-d variable in f64; `lr` reads it, and assigns it to all groups. */
  get rate(): Variable {
    return this.groups[0]!.rate;
  }

  /** The learning rate of the first group; assigned, it is that of all. */
  get lr(): number {
    return this.rate.item();
  }
  set lr(lr: number) {
    for (const group of this.groups) group.lr = lr;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.zeroGrad();
  }

  /** Moves each parameter that has a gradient. Frees what it computes on the way. */
  abstract step(): void;
  /** The same after `closure`, which computes gradients, and whose loss is returned. */
  abstract step(closure: () => Tensor): Tensor;

  /** One whole step on the loss that `f` computes: gradients are cleared, accumulated and used. Returns the loss. */
  minimize(f: () => Tensor): Tensor {
    checkClosure("minimize", "the loss", f);
    return ownedBy("minimize", () => {
      const loss = this.step(() => {
        this.zeroGrad();
        const value = f();
        inNameOf("minimize", () => {
          backward(value);
        });
        return value;
      });
      return loss.node ? inPlaceOf(loss, loss.detach()) : loss;
    });
  }

  /** The learning rates and all that the method remembers, to be saved. */
  stateDict(): TrainingState {
    return stateOf(this.entries);
  }

  /**
   * Takes up what `stateDict` of such an optimiser gave: the following steps have the bits that they would have had. Throws
   * a ValueError that lists all names, shapes and dtypes that do not fit; nothing is changed then.
   */
  loadStateDict(state: TrainingState): void {
    takeUp(`${this.constructor.name}.loadStateDict`, this.entries, state);
  }

  /** Where each part of the state is kept, by its flat name. */
  get entries(): StateEntries {
    return prefixed(this.groups.map((group, i) => [`groups.${i}`, group.entries]));
  }

  /** The method, and of each group how many parameters it moves, and by which settings. */
  toString(): string {
    const lines = this.groups.map(({ parameters, settings, shownRate: lr }) => {
      const set = Object.entries({ ...settings, lr }).map(
        ([name, value]) => `${name} ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`,
      );
      return `${this.constructor.name}(${counted(parameters.length, "parameter")}; ${set.join(", ")})`;
    });
    return lines.join("\n");
  }
}
