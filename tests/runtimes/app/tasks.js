import { expose } from "wengert/worker";

expose({ double: (/** @type {import("wengert").Tensor} */ x) => x.mul(2) });
