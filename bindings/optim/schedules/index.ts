export { ChainedScheduler, SequentialLR, type Schedule } from "./chain.js";
export { CosineAnnealingLR, CosineAnnealingWarmRestarts, WarmupCosine } from "./cosine.js";
export { CyclicLR, type CyclicOptions } from "./cyclic.js";
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
} from "./decay.js";
export { OneCycleLR, type OneCycleOptions } from "./one-cycle.js";
export { ReduceLROnPlateau, type PlateauOptions } from "./plateau.js";
export { Scheduler, type ScheduleRule } from "./scheduler.js";
