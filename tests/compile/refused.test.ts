import { expect, test, vi } from "vitest";
import { compile, memory, tensor, valueAndGrad, type Tensor } from "../../bindings/index.js";

test("an engine that compiles no functions at run time changes no result", () => {
  const lecture = (x: Tensor, y: Tensor): Tensor => x.log().add(x.mul(y)).sub(y.sin());
  const both = valueAndGrad(lecture, { argnums: [0, 1] });
  const elements = (x: Tensor): Tensor => x.mul(x).add(1).tanh().sum();
  const x = tensor([1, 2, 3]);
  const numbers = compile(both)(2, 5);
  const compiler = vi.spyOn(WebAssembly, "Module").mockImplementation(function () {
    throw new Error("refused");
  });
  try {
    const program = compile(elements);
    const again = compile(both);
    expect(again(2, 5)).toEqual(numbers);
    const { tensors } = memory();
    for (let i = 0; i < 10; i++) again(2, i);
    expect(memory().tensors).toBe(tensors);
    expect(program(x).item()).toBe(elements(x).item());
    expect(compiler).toHaveBeenCalledTimes(1);
  } finally {
    compiler.mockRestore();
    vi.resetModules(); // What was refused once is not tried again.
  }
});
