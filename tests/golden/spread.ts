// Calls whose arguments are spread over parameters, or mean something else, than the rule of operations.ts says.
import type { Tensor } from "wengert";
import type { Keywords } from "./file.js";
import { inOrder, type Inputs } from "./inputs.js";
import { MissingOperation, type Callable, type Lab } from "./library.js";

interface About {
  readonly lab: Lab;
  /** The type of what is made of numbers alone. */
  readonly made: string;
}

/** Calls the library's function; an argument that is not read here is one that it does not have. */
type Spread = (call: Callable, inputs: Inputs, args: Keywords, about: About) => unknown;

export const SPREAD: Readonly<Record<string, Spread>> = {
  zeros: (call, _, { size, shape, dtype }, { made }) => call(size ?? shape, { dtype: dtype ?? made }),
  ones: (call, _, { size, shape, dtype }, { made }) => call(size ?? shape, { dtype: dtype ?? made }),
  empty: (call, _, { size, shape, dtype }, { made }) => call(size ?? shape, { dtype: dtype ?? made }),
  full: (call, _, { size, shape, fill_value, dtype }, { made }) =>
    call(size ?? shape, fill_value, { dtype: dtype ?? made }),
  full_like: (call, { input }, { fill_value, dtype }) => call(input, fill_value, dtype ? { dtype } : {}),
  eye: (call, _, { n, m, dtype }, { made }) => call(n, m ?? n, { dtype: dtype ?? made }),
  arange: (call, _, { start, end, step, dtype }, { made }) =>
    call(start ?? 0, end, step ?? 1, { dtype: dtype ?? made }),
  linspace: (call, _, { start, end, steps, dtype }, { made }) => call(start, end, steps, { dtype: dtype ?? made }),
  logspace: (call, _, { start, end, steps, base, dtype }, { made }) =>
    call(start, end, steps, { base: base ?? 10, dtype: dtype ?? made }),

  slice: (call, { input }, { index }) => call(input, ...(index as readonly unknown[])),
  einsum: (call, inputs, { equation }) => call(equation, ...inOrder(inputs)),

  scatter(call, inputs, { dim, value, reduce }, { lab }) {
    const [input, index, src] = inOrder(inputs);
    const source = src ?? value;
    if (reduce === undefined) return call(input, dim, index, source);
    if (reduce !== "add" || !src) throw new MissingOperation(`scatter with reduce ${JSON.stringify(reduce)}`);
    return lab.find("scatter_add")(input, dim, index, source);
  },

  /** Truth values stand for the positions of those that are true. */
  index(call, inputs, { dim = 0 }, { lab: { core } }) {
    const [input, index, other] = inOrder(inputs) as [Tensor, Tensor, Tensor?];
    if (other) throw new MissingOperation("index by several lists");
    if (index.dtype !== "bool") return call(input, dim, index);
    if (index.rank === 1) return call(input, dim, core.reshape(core.nonzero(index), [-1]));
    const flat = core.reshape(input, [-1, ...input.shape.slice(index.rank)]);
    return call(flat, 0, core.reshape(core.nonzero(core.reshape(index, [-1])), [-1]));
  },

  /** An index without axes is one of length 1. */
  index_select(call, inputs, { dim }, { lab: { core } }) {
    const [input, index] = inOrder(inputs) as [Tensor, Tensor];
    return call(input, dim, core.reshape(index, [-1]));
  },

  /** Along an axis; without one, of the elements in a row. */
  take_along_dim(call, inputs, { dim }, { lab: { core } }) {
    const [input, indices] = inOrder(inputs) as [Tensor, Tensor];
    if (dim !== undefined) return call(input, indices, dim);
    return call(core.reshape(input, [-1]), core.reshape(indices, [-1]), 0);
  },

  // PyTorch has the indices first; whichever are whole numbers are those.
  embedding(call, inputs, { padding_idx }) {
    const [a, b] = Object.values(inputs) as [Tensor, Tensor];
    const options = padding_idx === undefined ? {} : { paddingIdx: padding_idx };
    return a.dtype === "i32" ? call(b, a, options) : call(a, b, options);
  },

  one_hot: (call, inputs, { num_classes }) =>
    call(inOrder(inputs)[0], num_classes === -1 ? undefined : num_classes, { dtype: "i32" }),

  /** As a list of one vector for each axis where that is asked for. */
  nonzero(call, inputs, { as_tuple }, { lab: { core } }) {
    const positions = call(...inOrder(inputs)) as Tensor;
    return as_tuple === true ? core.unbind(positions, 1) : positions;
  },

  /** Differences of what is put before and behind besides. */
  diff(call, inputs, { n, dim = -1 }, { lab: { core } }) {
    const { prepend, append, ...rest } = inputs as Readonly<Record<string, Tensor | undefined>>;
    const parts = [prepend, Object.values(rest)[0], append].filter((x) => x !== undefined);
    return call(parts.length > 1 ? core.cat(parts, dim as number) : parts[0], n ?? 1, dim);
  },

  /** Along the first axis of length 3 where none is given. */
  cross(call, inputs, { dim }) {
    const [x, y] = inOrder(inputs) as [Tensor, Tensor];
    return call(x, y, dim ?? Math.max(0, x.shape.indexOf(3)));
  },

  /** In training the running statistics are changed, which only variables are. */
  batch_norm(call, inputs, { training, momentum, eps }, { lab: { core } }) {
    const { input, running_mean, running_var, weight, bias } = inputs as Readonly<Record<string, Tensor | undefined>>;
    const running = [running_mean, running_var].map((x) => (x && training === true ? core.variable(x) : x));
    const options = { weight, bias, training, momentum, eps };
    return call(
      input,
      ...running,
      Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
    );
  },

  /** By the statistics of the input, whatever is kept of others. */
  instance_norm(call, inputs, { use_input_stats, momentum: _, eps }) {
    if (use_input_stats === false) throw new MissingOperation("instance_norm by running statistics");
    const { input, weight, bias } = inputs as Readonly<Record<string, Tensor | undefined>>;
    const options = { weight, bias, eps };
    return call(input, Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)));
  },

  // Of x to itself; causal unless told otherwise.
  multi_head_attention: (call, { x, w_qkv, w_o }, { num_heads, is_causal }) =>
    call(x, x, x, { numHeads: num_heads, inProjWeight: w_qkv, outProjWeight: w_o, isCausal: is_causal !== false }),
};
