import { fileURLToPath } from "node:url";

/** Folders and files that ship with the program, wherever it is installed. */
export const shipped = {
  probes: fileURLToPath(new URL("../../probes", import.meta.url)),
  playbooks: fileURLToPath(new URL("../../playbooks", import.meta.url)),
  demoWorld: fileURLToPath(new URL("../lab/demo-world.json", import.meta.url)),
} as const;
