import { createHash } from "node:crypto";
import { mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import { parseBaseline, parseState, type State } from "../check/state.ts";
import type { Report } from "../model/report.ts";
import { checkWritable, writeAtomically, writeError } from "./atomic-file.ts";
import { fileError, inputError } from "./errors.ts";

/** A state as it was found: none for a first check; notes say what could not be used. */
export interface FoundState {
  readonly state?: State;
  readonly notes: readonly string[];
}

/**
 * Where the state of a target is kept when nobody says: systemd's STATE_DIRECTORY, else the user's folder for state. One
 * file for each target, named so that a person finds it.
 */
export function defaultStateFile(
  target: Report["target"],
  environment: Readonly<Record<string, string | undefined>>,
): string {
  // systemd may hand over several folders, with colons between; the first is the service's own.
  const given = environment["STATE_DIRECTORY"]?.split(":")[0];
  const users = environment["XDG_STATE_HOME"] ?? environment["LOCALAPPDATA"] ?? path.join(homedir(), ".local", "state");
  const name = [target.workspace, target.endpoint, target.deployment].filter((part) => part !== undefined).join("-");
  const hash = createHash("sha256").update(identityOf(target)).digest("hex").slice(0, 8);
  return path.join(given ?? path.join(users, "aml-doctor"), `${name}-${hash}.json`);
}

/** Makes the folder of a state file and makes sure, before a run, that the state will be kept after it. */
export async function prepareState(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw writeError("the state", file, error);
  });
  await checkWritable("the state", file);
}

/**
 * Reads a state. One that is torn, or of another version, is said, with `setAside` moved to `FILE.unusable`, and the
 * comparison starts anew: a monitor must not stop over its own memory. One of another target is refused: there somebody
 * named the wrong file.
 */
export async function readState(
  file: string,
  target: Report["target"],
  { setAside }: { readonly setAside: boolean },
): Promise<FoundState> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw fileError("the state", file, error);
  });
  if (text === undefined) return { notes: [] };
  const read = parseState(text);
  if ("unusable" in read) {
    if (setAside) {
      await rename(file, `${file}.unusable`).catch((error: unknown) => {
        throw writeError("the state", file, error);
      });
    }
    return {
      notes: [
        `The state ${file} cannot be used: ${read.unusable}. It is set aside as ${path.basename(file)}.unusable, and the comparison starts anew.`,
      ],
    };
  }
  const before = read.state.report.target;
  if (identityOf(before) !== identityOf(target))
    throw inputError(
      `the state ${file} is of another target: ${before.workspace} in ${before.resourceGroup}`,
      "Give each target a file of its own with --state FILE, or leave the option out.",
    );
  return { state: read.state, notes: [] };
}

/** Keeps a state for the next check; for its owner's eyes, since a report names the estate. */
export async function writeState(file: string, state: State): Promise<void> {
  await writeAtomically("the state", file, `${JSON.stringify(state)}\n`, 0o600);
}

/** The report of `--baseline`. */
export async function readBaseline(file: string): Promise<Report> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw fileError("the baseline", file, error);
  });
  const read = parseBaseline(text);
  if ("unusable" in read)
    throw inputError(
      `the baseline ${file}: ${read.unusable}`,
      "It is a report made with --output json, or a state file.",
    );
  return read.report;
}

function identityOf({ subscriptionId, resourceGroup, workspace, endpoint, deployment }: Report["target"]): string {
  return [subscriptionId, resourceGroup, workspace, endpoint ?? "", deployment ?? ""].join("/").toLowerCase();
}
