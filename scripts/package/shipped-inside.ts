import path from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "esbuild";
import { shippedFiles, shippedProbes } from "./shipped-files.ts";

/** Puts everything that ships into the bundle: in the place of src/cli/shipped.ts, which reads folders, comes a module with
 * the same exports that holds the files' texts and imports every probe. */
export function shippedInside(project: string): Plugin {
  return {
    name: "shipped-inside",
    setup(build) {
      build.onLoad({ filter: /[\\/]src[\\/]cli[\\/]shipped\.ts$/ }, async ({ path: file }) => ({
        contents: inside(await shippedFiles(project), await shippedProbes(project)),
        resolveDir: path.dirname(file),
        loader: "js",
      }));
    },
  };
}

function inside(files: ReadonlyMap<string, string>, probes: readonly string[]): string {
  const imports = probes.map((id, index) => `import probe${index} from ${JSON.stringify(`../../probes/${id}.ts`)};`);
  // Packed: prose shrinks to a quarter, and every start reads past it.
  const packed = gzipSync(JSON.stringify([...files])).toString("base64");
  return `
import { gunzipSync } from "node:zlib";
import { createRegistry } from "../engine/create-registry.ts";
${imports.join("\n")}
let files;
const shipped = () => (files ??= new Map(JSON.parse(gunzipSync(Buffer.from(${JSON.stringify(packed)}, "base64")))));
export const readShipped = async (name) => shipped().get(name);
export const listShipped = async (folder) =>
  [...shipped().keys()].filter((name) => name.slice(0, name.lastIndexOf("/")) === folder).sort();
export const loadShippedProbes = async () => createRegistry([${probes.map((_, index) => `probe${index}`).join(", ")}]);
`;
}
