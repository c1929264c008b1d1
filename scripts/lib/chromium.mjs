// A Chromium to test in: the system's where WENGERT_CHROMIUM names it, else the one that comes with npm install.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./run.mjs";

/** Nothing that calls home. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-sync",
  "--no-first-run",
  "--no-pings",
];

/**
 * Options for playwright's `chromium.launch`.
 * @param {readonly string[]} flags of V8; without any, the collector is within the tests' reach
 * @returns {Promise<import("playwright").LaunchOptions>}
 */
export async function chromiumLaunchOptions(flags = ["--expose-gc"]) {
  const common = { headless: true, args: [...ARGUMENTS, `--js-flags=${flags.join(" ")}`] };
  const own = process.env["WENGERT_CHROMIUM"];
  if (own) return { ...common, executablePath: own };
  // The bundled one is for Linux on x64 only; elsewhere an installed Chrome will do.
  if (process.platform !== "linux" || process.arch !== "x64") return { ...common, channel: "chrome" };
  const folder = await unpackedChromium();
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [join(folder, "al2023/lib"), process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(":"),
    FONTCONFIG_PATH: process.env["FONTCONFIG_PATH"] ?? join(folder, "fonts"),
  };
  return { ...common, executablePath: join(folder, "chromium"), env };
}

/** Unpacks @sparticuz/chromium once a version, in a folder of its own that appears only when it is complete. */
async function unpackedChromium() {
  const packed = join(ROOT, "node_modules/@sparticuz/chromium");
  const { version } = JSON.parse(readFileSync(join(packed, "package.json"), "utf8"));
  const folder = join(ROOT, "node_modules/.cache", `chromium-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  const temporary = process.env["TMPDIR"];
  try {
    // It unpacks into the temporary folder, and takes whatever is called chromium there for its own.
    process.env["TMPDIR"] = draft;
    const { inflate } = await import("@sparticuz/chromium");
    for (const file of ["chromium.br", "al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"]) {
      await inflate(join(packed, "bin", file));
    }
    // Its own configuration names folders of another machine.
    writeFileSync(join(draft, "fonts/fonts.conf"), `<fontconfig><dir>${join(folder, "fonts")}</dir></fontconfig>\n`);
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}
