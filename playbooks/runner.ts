import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { playbookSchema, type Playbook } from "../src/model/playbook.ts";
import type { Registry } from "../src/engine/registry.ts";
import { checkOrder } from "./step-order.ts";
import { parseYaml, PlaybookError, type Place } from "./yaml-source.ts";

export { asGood, clearBest, findPlaybook, type Candidate } from "./match.ts";
export { PlaybookError };

/** A playbook as it is written. */
export interface PlaybookText {
  /** Where it stands, for messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads every `*.yaml` of these folders, or texts that were read already, in their order and then by name. Throws
 * `PlaybookError` with file, line and column for what is no YAML or no playbook, for a step that means no probe of the
 * registry, for a step that stands before one which can cause it, and for an id that is taken.
 */
export async function loadPlaybooks(
  sources: readonly (URL | string | readonly PlaybookText[])[],
  registry: Registry,
): Promise<Playbook[]> {
  const playbooks = new Map<string, { playbook: Playbook; file: string }>();
  for (const source of sources) {
    for (const { file, text } of await textsOf(source)) {
      const { playbook, place } = readPlaybook(file, text, registry);
      const other = playbooks.get(playbook.id);
      if (other !== undefined)
        throw new PlaybookError(place(["id"]), `the id ${playbook.id} is taken by ${other.file}`);
      playbooks.set(playbook.id, { playbook, file });
    }
  }
  return [...playbooks.values()].map(({ playbook }) => playbook);
}

async function textsOf(source: URL | string | readonly PlaybookText[]): Promise<readonly PlaybookText[]> {
  if (typeof source !== "string" && !(source instanceof URL)) return source;
  const files = await yamlFiles(typeof source === "string" ? source : fileURLToPath(source));
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, "utf8") })));
}

async function yamlFiles(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith(".yaml"))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new PlaybookError({ file: folder, line: 1, column: 1 }, "the folder of playbooks cannot be read", { cause });
  }
}

function readPlaybook(file: string, text: string, registry: Registry): { playbook: Playbook; place: Place } {
  const { value, place, keyPlace } = parseYaml(file, text);
  const parsed = playbookSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path ?? [];
    if (issue?.code === "unrecognized_keys") {
      const key = issue.keys[0] ?? "";
      throw new PlaybookError(keyPlace(path, key), `there is no such key: ${key}`);
    }
    throw new PlaybookError(
      place(path),
      `${path.length === 0 ? "" : `${path.join(".")}: `}${issue?.message ?? "does not fit"}`,
    );
  }
  const playbook = parsed.data;
  playbook.steps.forEach((step, index) => {
    if (registry.probesOf(step.probe).length === 0)
      throw new PlaybookError(place(["steps", index, "probe"]), `there is no probe ${step.probe}`);
  });
  const misplaced = checkOrder(playbook.steps, registry);
  if (misplaced !== undefined) throw new PlaybookError(place(["steps", misplaced.index, "probe"]), misplaced.why);
  return { playbook, place };
}
