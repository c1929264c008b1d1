import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Generator, tensor } from "../../bindings/index.js";
import { FormatError, ValueError } from "../../bindings/errors.js";
import {
  formatNpy,
  formatSafetensors,
  loadCheckpoint,
  readBytes,
  readNpy,
  readNpz,
  readSafetensors,
  saveCheckpoint,
  writeBytes,
  writeNpy,
  writeNpz,
  writeSafetensors,
} from "../../bindings/io/index.js";
import { wrong } from "../support/refusal.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wengert-io-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("writes files of each format, by path and by URL, and reads them back", async () => {
  const x = tensor([[1, 2], [3, 4]]); // prettier-ignore
  const path = (name: string): string => join(folder, name);
  await writeSafetensors(path("x.safetensors"), { x });
  expect((await readSafetensors(path("x.safetensors"))).tensors.x!.toArray()).toEqual(x.toArray());
  await writeNpy(pathToFileURL(path("x.npy")), x);
  expect((await readNpy(pathToFileURL(path("x.npy")).href)).toArray()).toEqual(x.toArray());
  await writeNpz(path("x.npz"), { x });
  expect((await readNpz(path("x.npz"))).x!.toArray()).toEqual(x.toArray());
  await saveCheckpoint(path("run"), { generator: new Generator(3), step: 4 });
  expect(await loadCheckpoint(path("run"), { generator: new Generator() })).toEqual({ step: 4 });
  expect((await readdir(folder)).sort()).toEqual(["run", "x.npy", "x.npz", "x.safetensors"]);
});

test("a file that cannot be written whole stays as it was, and nothing is left beside it", async () => {
  const inner = join(folder, "inner");
  await mkdir(join(inner, "taken", "full"), { recursive: true });
  await writeFile(join(inner, "old"), "old");
  await expect(writeBytes(join(inner, "taken"), Uint8Array.of(1))).rejects.toThrow(ValueError);
  await expect(writeBytes(join(inner, "missing", "x"), Uint8Array.of(1))).rejects.toThrow(
    /a path that can be written to/,
  );
  const nowhere = join(inner, "missing", "x");
  const writers = {
    writeBytes: () => writeBytes(nowhere, Uint8Array.of(1)),
    writeNpy: () => writeNpy(nowhere, tensor(1)),
    writeNpz: () => writeNpz(nowhere, { a: tensor(1) }),
    writeSafetensors: () => writeSafetensors(nowhere, { a: tensor(1) }),
    saveCheckpoint: () => saveCheckpoint(nowhere, { step: 1 }),
  };
  for (const [name, write] of Object.entries(writers))
    await expect(write()).rejects.toThrow(new RegExp(`^${name}: expected a path that can be written to`));
  await expect(saveCheckpoint(nowhere, { "a.b": 1 })).rejects.toThrow(/^saveCheckpoint: expected names/);
  await expect(writeBytes(join(inner, "old"), wrong("new"))).rejects.toThrow(/^writeBytes: expected bytes/);
  expect((await readdir(inner)).sort()).toEqual(["old", "taken"]);
  await writeBytes(join(inner, "old"), new TextEncoder().encode("new"));
  expect(await readFile(join(inner, "old"), "utf8")).toBe("new");
  expect((await readdir(inner)).sort()).toEqual(["old", "taken"]);
});

test("a link and permissions stay when a file is written anew", async () => {
  const [inner, link] = [join(folder, "linked"), join(folder, "link")];
  await mkdir(inner);
  await writeFile(join(inner, "file"), "old");
  await chmod(join(inner, "file"), 0o640);
  await symlink(join(inner, "file"), link);
  await writeBytes(link, new TextEncoder().encode("new"));
  expect((await lstat(link)).isSymbolicLink()).toBe(true);
  expect(await readFile(join(inner, "file"), "utf8")).toBe("new");
  expect((await stat(join(inner, "file"))).mode & 0o777).toBe(0o640);
  expect(await readdir(inner)).toEqual(["file"]);
});

test("links that lead nowhere yet lead to the new file, links in a circle and other URLs are refused", async () => {
  const inner = join(folder, "dangling");
  await mkdir(join(inner, "to"), { recursive: true });
  await symlink(join("to", "next"), join(inner, "first"));
  await symlink("file", join(inner, "to", "next"));
  await writeBytes(join(inner, "first"), new TextEncoder().encode("new"));
  expect(await readFile(join(inner, "to", "file"), "utf8")).toBe("new");
  for (const link of [join(inner, "first"), join(inner, "to", "next")])
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
  await symlink("circle", join(inner, "circle"));
  await symlink(join("gone", "file"), join(inner, "nowhere"));
  for (const path of [join(inner, "circle"), join(inner, "nowhere"), new URL("https://example.org/x")])
    await expect(writeBytes(path, Uint8Array.of(1))).rejects.toThrow(ValueError);
  expect((await lstat(join(inner, "circle"))).isSymbolicLink()).toBe(true);
  expect((await readdir(inner)).sort()).toEqual(["circle", "first", "nowhere", "to"]);
});

test("a checkpoint holds what was there at the moment of the call", async () => {
  const generator = new Generator(1);
  const saving = saveCheckpoint(join(folder, "moment"), { generator });
  const before = generator.state.toArray();
  generator.uniform([100]).dispose();
  await saving;
  const other = new Generator();
  await loadCheckpoint(join(folder, "moment"), { generator: other });
  expect(other.state.toArray()).toEqual(before);
});

test("reads from a server, and says what it answers otherwise", async () => {
  const bytes = formatSafetensors({ x: tensor(new Float32Array(100_000).fill(1)) });
  const server = createServer((request, response) => {
    if (request.url === "/short")
      response.writeHead(200, { "content-length": String(bytes.length) }).write(bytes.subarray(0, 500));
    else if (request.url === "/x") response.writeHead(200, { "content-length": String(bytes.length) }).end(bytes);
    else response.writeHead(404).end();
    if (request.url === "/short") setTimeout(() => response.destroy(), 20);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const seen: number[] = [];
    const { tensors } = await readSafetensors(`${url}/x`, {
      onProgress: ({ loaded, total }) => seen.push(loaded / total!),
    });
    expect(tensors.x!.sum().item()).toBe(100_000);
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.at(-1)).toBe(1);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(Buffer.from(await readBytes(new URL(`${url}/x`))).equals(bytes)).toBe(true);
    await expect(readSafetensors(`${url}/y`)).rejects.toThrow(/a successful answer, got 404 Not Found of http/);
    await expect(readSafetensors(`${url}/short`)).rejects.toThrow(ValueError);
    const controller = new AbortController();
    const reading = readBytes(`${url}/x`, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(reading).rejects.toThrow("enough");
  } finally {
    server.closeAllConnections();
    server.close();
  }
  await expect(readBytes(`${url}/x`)).rejects.toThrow(/a URL that answers/);
  await expect(readBytes(join(folder, "nothing"))).rejects.toThrow(/a file that can be read, got .*ENOENT/);
});

test.runIf(process.platform === "linux")(
  "a pipe is read to its end and written to, and a file of the system read",
  async () => {
    const pipe = join(folder, "pipe");
    await promisify(execFile)("mkfifo", [pipe]);
    const [x] = await Promise.all([readNpy(pipe), writeFile(pipe, formatNpy(tensor([1, 2, 3])))]);
    expect(x.toArray()).toEqual([1, 2, 3]);
    // What is written to a pipe goes through it: it is not replaced by a file.
    const [bytes] = await Promise.all([readBytes(pipe), writeNpy(pipe, tensor(1))]);
    expect(Buffer.from(bytes).equals(formatNpy(tensor(1)))).toBe(true);
    expect((await stat(pipe)).isFIFO()).toBe(true);
    expect((await readBytes("/proc/self/status")).length).toBeGreaterThan(100);
    await expect(readSafetensors("/dev/null")).rejects.toThrow(FormatError);
  },
);
