// A server of one folder's files, for pages.
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/** Headers that let a page share memory with its workers. */
export const ISOLATED = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** @typedef {{ readonly url: string, close(): Promise<void> }} Server */

/**
 * Serves a folder with no headers but a file's type and those given: the plainest there is. Close it to stop it.
 * @param {string} folder
 * @param {Readonly<Record<string, string>>} [headers]
 * @param {number} [port] default: any that is free
 * @returns {Promise<Server>}
 */
export async function serve(folder, headers = {}, port = 0) {
  const server = createServer(({ url = "/" }, response) => {
    const path = normalize(new URL(url, "http://localhost").pathname);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    createReadStream(join(folder, path))
      .on("open", () => response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/octet-stream"))
      .on("error", () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject); // The port is taken, say.
    server.listen(port, "127.0.0.1", () => resolve(null));
  });
  const { port: chosen } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${chosen}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
