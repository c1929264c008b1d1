// The floors of the house: nobody imports upward, type imports included, and nobody in a circle.

/** Entry points of their own, side by side. */
const ROOMS = "^bindings/(nn|optim|data|io|viz|worker)/";

/** From the ground up. A floor imports from itself and from those above it in this list. */
const FLOORS = [
  ["abi", "^assembly/abi/"],
  ["errors", "^bindings/errors\\.ts$"],
  ["runtime", "^bindings/runtime/"],
  ["core", "^bindings/core/"],
  ["primitives", "^bindings/primitives/"],
  ["functions", "^bindings/functions/"],
  ["autodiff", "^bindings/autodiff/"],
  ["compile", "^bindings/compile/"],
  ["methods", "^bindings/methods\\.ts$"],
  ["shared", "^bindings/shared/"],
  ["rooms", ROOMS],
  ["face", "^bindings/(index|configure)\\.ts$"],
  ["people", "^(examples|benchmarks|tests|site)/"],
];

/** The rooms of a floor, from the ground up; what lies in none of them is `[^/]+$`. */
const STAIRS = [
  [
    "^assembly/kernels/",
    ["box/", "(elementwise|indexing|order|reduce)/", "(matmul|rows)/", "(attention|convolution)/"],
  ],
  ["^bindings/core/", ["[^/]+$", "encode/", "running/", "values/"]],
  ["^bindings/primitives/", ["(define|within)\\.ts$", "(elementwise|linalg|reductions)/", "table\\.ts$"]],
  ["^bindings/autodiff/", ["transforms/", "calls/", "[^/]+$"]],
  [
    "^bindings/compile/",
    ["capture/", "simplify/", "plan/", "lower/", "emit/", "fuse/", "run/", "(show|file)/", "[^/]+$"],
  ],
];

const upward = FLOORS.slice(0, -1).map(([name, path], floor) => ({
  name: `${name}-imports-upward`,
  severity: "error",
  from: { path },
  to: { path: FLOORS.slice(floor + 1).map(([, above]) => above) },
}));

const upstairs = STAIRS.flatMap(([floor, rooms]) =>
  rooms.slice(0, -1).map((room, stair) => ({
    name: "rooms-import-downward",
    severity: "error",
    from: { path: floor + room },
    to: { path: `${floor}(${rooms.slice(stair + 1).join("|")})` },
  })),
);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...upward,
    ...upstairs,
    {
      name: "every-file-has-a-floor",
      severity: "error",
      from: { path: "^bindings/", pathNot: FLOORS.map(([, path]) => path) },
      to: {},
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "errors-is-a-leaf",
      severity: "error",
      from: { path: "^bindings/errors\\.ts$" },
      to: { path: "." },
    },
    {
      name: "rooms-are-independent",
      comment: "nn, optim, data, io, viz and worker do not know one another: what they share lives on a lower floor.",
      severity: "error",
      from: { path: ROOMS },
      to: { path: ROOMS, pathNot: "^bindings/$1/" },
    },
    {
      name: "index-is-the-core",
      comment: "wengert/nn and its like are entry points of their own: who imports only wengert does not load them.",
      severity: "error",
      from: { path: "^bindings/(index|configure)\\.ts$" },
      to: { path: ROOMS },
    },
    {
      name: "only-the-abi-is-shared",
      severity: "error",
      from: { path: "^(bindings|examples|benchmarks)/" },
      to: { path: "^assembly/", pathNot: "^assembly/abi/" },
    },
    {
      name: "who-may-know-the-abi",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/(runtime|core|primitives|compile)/" },
      to: { path: "^assembly/abi/" },
    },
    {
      name: "only-runtime-tells-threads",
      comment: "What the host and the threads tell each other, and what they read of the arena.",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/runtime/" },
      to: { path: "^assembly/abi/(team|statistics)\\.ts$" },
    },
    {
      name: "assembly-knows-no-bindings",
      severity: "error",
      from: { path: "^assembly/" },
      to: { path: "^(bindings|tests|examples|benchmarks)/" },
    },
    {
      name: "no-dependency",
      comment: "The library needs nothing at run time; node: modules are imported where they are used, dynamically.",
      severity: "error",
      from: { path: "^bindings/" },
      to: {
        path: "^node_modules/",
        pathNot: "^node_modules/(@viz-js/viz|@zip\\.js/zip\\.js|csv-parse|fast-png|jpeg-js)/",
      },
    },
    {
      name: "optional-peers-are-dynamic",
      comment: "Who does not draw graphs does not need what lays them out.",
      severity: "error",
      from: { path: "^bindings/" },
      to: { path: "^node_modules/", dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "only-pictures-are-laid-out",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/viz/picture/svg\\.ts$" },
      to: { path: "^node_modules/@viz-js/viz/" },
    },
    {
      name: "only-archives-are-unzipped",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/io/npy/npz\\.ts$" },
      to: { path: "^node_modules/@zip\\.js/" },
    },
    {
      name: "only-tables-are-parsed",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/data/table\\.ts$" },
      to: { path: "^node_modules/csv-parse/" },
    },
    {
      name: "only-images-are-decoded",
      severity: "error",
      from: { path: "^bindings/", pathNot: "^bindings/data/image\\.ts$" },
      to: { path: "^node_modules/(fast-png|jpeg-js)/" },
    },
    {
      name: "no-static-node-import",
      severity: "error",
      from: { path: "^bindings/" },
      to: { dependencyTypes: ["core"], dependencyTypesNot: ["type-only"], dynamic: false },
    },
    {
      name: "people-use-the-package",
      comment: "Examples and benchmarks import what users import; the bench of the kernels looks beneath.",
      severity: "error",
      from: {
        path: "^(examples|benchmarks)/",
        pathNot: "^benchmarks/(kernels/|(contestants|suites)/kernels\\.ts$)",
      },
      to: { path: "^bindings/" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { path: "^(bindings|assembly|tests)/" },
      to: { couldNotResolve: true, path: "^\\." },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ["^node_modules/", "^dist/"] },
    exclude: { path: ["^benchmarks/peers/", "^tests/runtimes/engines/"] },
  },
};
