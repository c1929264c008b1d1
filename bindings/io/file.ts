import { ValueError } from "../errors.js";
import type { Stream } from "./pull.js";
import { checkBytes } from "../shared/bytes.js";

/** Bytes that are read at a time. */
const PIECE = 1 << 18;

/** A file in Node as a stream. */
export async function openFile(operation: string, path: string | URL): Promise<Stream> {
  const { open } = inNode(operation);
  const file = await open(fileUrl(path)).catch((error: unknown) => {
    throw new ValueError(operation, "a file that can be read", String(error), { cause: error });
  });
  const stats = await file.stat();
  let closed = false;
  return {
    // Pipes and devices have no length, and what a system makes up as it is read, such as /proc, has none yet.
    total: stats.isFile() && stats.size > 0 ? stats.size : null,
    async next() {
      const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE));
      return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
    },
    async close() {
      if (closed) return;
      closed = true;
      await file.close();
    },
  };
}

/**
 * Writes a file in Node whole or not at all: under a name of its own beside it, which is renamed when everything is on the
 * disk. Who reads `path` meanwhile, or after a failure, finds what was there before. A link stays and leads to the new file,
 * which has the permissions of the old one. Pipes and devices are written to.
 */
export async function writeBytes(path: string | URL, bytes: Uint8Array): Promise<void> {
  checkBytes("writeBytes", bytes);
  await writeFile("writeBytes", path, bytes);
}

/** As `writeBytes`, for who names itself in what it refuses. */
export async function writeFile(operation: string, path: string | URL, bytes: Uint8Array): Promise<void> {
  const { chmod, open, rename, rm, stat, writeFile: write } = inNode(operation);
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  let temporary: string | null = null;
  try {
    const url = fileUrl(path);
    const target = await whereto(url instanceof URL ? fileURLToPath(url) : url);
    const old = await stat(target).catch(() => null);
    if (old && !old.isFile()) return await write(target, bytes);
    const file = await open((temporary = `${target}.${globalThis.crypto.randomUUID()}.tmp`), "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    if (old) await chmod(temporary, old.mode);
    await rename(temporary, target);
  } catch (error) {
    if (temporary !== null) await rm(temporary, { force: true });
    throw new ValueError(operation, "a path that can be written to", String(error), { cause: error });
  }
}

/** The file that a path leads to, be it there or not. */
async function whereto(path: string): Promise<string> {
  const { readlink, realpath } = inNode("writeBytes");
  const { dirname, resolve } = process.getBuiltinModule("node:path");
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOOP") throw error;
    const link = await readlink(path).catch(() => null);
    // What a link says is told from where it lies.
    return link === null ? path : whereto(resolve(await realpath(dirname(path)), link));
  }
}

/** Whether there are files. */
export function hasFiles(): boolean {
  return typeof process === "object" && typeof process.getBuiltinModule === "function";
}

// Not imported: a bundler for pages would look for it.
function inNode(operation: string) {
  if (hasFiles()) return process.getBuiltinModule("node:fs/promises");
  throw new ValueError(operation, "Node, or bytes instead of a path: offer them by new Blob([bytes])", "a page");
}

function fileUrl(path: string | URL): string | URL {
  return typeof path === "string" && path.startsWith("file:") ? new URL(path) : path;
}
