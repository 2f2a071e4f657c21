import { stat } from "node:fs/promises";
import { loadPlaybooks, PlaybookError, type PlaybookText } from "../../playbooks/runner.ts";
import type { Registry } from "../engine/registry.ts";
import type { Playbook } from "../model/playbook.ts";
import { fileError, inputError } from "./errors.ts";
import { listShipped, loadShippedProbes, readShipped } from "./shipped.ts";

/** What the program knows: its checks, and its playbooks with those of the user's folder. */
export interface Knowledge {
  readonly probes: Registry;
  readonly playbooks: readonly Playbook[];
}

/** The checks that ship. One that cannot be loaded is a bug of ours. */
export function readProbes(): Promise<Registry> {
  return loadShippedProbes();
}

/** Reads checks and playbooks. `folder` is the user's own playbooks; a mistake in one is told with its place. */
export async function readKnowledge(folder: string | undefined): Promise<Knowledge> {
  const probes = await readProbes();
  if (folder !== undefined) await checkFolder(folder);
  try {
    return {
      probes,
      playbooks: await loadPlaybooks([await shippedPlaybooks(), ...(folder === undefined ? [] : [folder])], probes),
    };
  } catch (error) {
    if (error instanceof PlaybookError) throw inputError(error.message);
    throw error;
  }
}

async function shippedPlaybooks(): Promise<readonly PlaybookText[]> {
  const files = (await listShipped("playbooks")).filter((file) => file.endsWith(".yaml"));
  return Promise.all(files.map(async (file) => ({ file, text: (await readShipped(file)) ?? "" })));
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw fileError("the folder of playbooks", folder, error);
  });
  if (!found.isDirectory()) throw inputError(`the folder of playbooks ${folder}: it is no folder`);
}
