// What the core hands to the entry points, said once.

/**
 * Says every name of the public interface once: the core exports it, and the main entry point all of the core. What else the other
 * entry points need of the core are properties of one object, its default export, which `export *` leaves out. They are
 * handed on by value, which is why the linter keeps variables that change from those entry points.
 * @param {readonly import("rollup").OutputChunk[]} chunks minified
 */
export function exportOnce(chunks) {
  /** @type {Map<string, string>} By what rollup calls an export of the core: what it is called inside. */
  const inside = new Map();
  /** @type {Map<string, string>} By the same: a public name. */
  const open = new Map();
  /** @type {string[]} */
  const list = [];
  const core = fileOf("core.js", chunks);
  const main = fileOf("index.js", chunks);
  core.code = core.code.replace(/export\{([^{}]*)\};?\s*$/, (_, names) => {
    for (const [local, exported] of pairsOf(names)) inside.set(exported, local);
    return "";
  });
  main.code = main.code.replace(/export\{([^{}]*)\}from"\.\/core\.js"/, (_, names) => {
    for (const [exported, name] of pairsOf(names)) {
      open.set(exported, name);
      list.push(`${inside.get(exported)} as ${name}`);
    }
    return 'export*from"./core.js"';
  });
  const hidden = new Set([...inside].flatMap(([exported, local]) => (open.has(exported) ? [] : [local])));
  core.code += `\nexport{${list.join()}}\nexport default{${[...hidden].join()}};`;
  for (const chunk of chunks) {
    chunk.code = chunk.code.replace(/\bimport\{([^{}]*)\}from"\.\/core\.js"/, (_, names) => {
      const pairs = pairsOf(names);
      const named = pairs.flatMap(([exported, local]) =>
        open.has(exported) ? `${open.get(exported)} as ${local}` : [],
      );
      const taken = pairs.flatMap(([exported, local]) =>
        open.has(exported) ? [] : `${inside.get(exported)}:${local}`,
      );
      return `import core,{${named.join()}}from"./core.js"\nlet{${taken.join()}}=core`;
    });
  }
}

/**
 * @param {string} name
 * @param {readonly import("rollup").OutputChunk[]} chunks
 */
function fileOf(name, chunks) {
  const chunk = chunks.find(({ fileName }) => fileName === name);
  if (!chunk) throw new Error(`There is no ${name} among the bundles.`);
  return chunk;
}

/**
 * The names of a list of imports or exports: on the left and on the right of `as`.
 * @param {string} list
 * @returns {[left: string, right: string][]}
 */
function pairsOf(list) {
  return list.split(",").map((one) => {
    const [left = "", right = left] = one.split(" as ");
    return [left, right];
  });
}
