// Contestant: whole training steps in plain JavaScript, derivatives written out by hand.
import { Layers } from "../plain/layers.js";
import type { PerceptronSetting } from "../../perceptrons.js";
import { CHECKED_STEPS } from "../../problems.js";
import { serve, type Work } from "../../serve.js";

void serve("plain JavaScript", { "compile-steps": work });

function work(setting: PerceptronSetting): Work {
  const model = new Layers(setting);
  return {
    run: () => model.step(),
    check: () => Array.from({ length: CHECKED_STEPS }, () => model.step()).slice(-1),
  };
}
