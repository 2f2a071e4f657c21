import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { inputError, messageOf, type CliError } from "./errors.ts";

/**
 * Writes a file so that a reader meets the old text or the new one, never a part: into a file beside it, synced to the
 * disk, then renamed over. An existing file keeps its permissions; a new one is readable as `mode` says. Throws the error
 * that is explained to the user.
 */
export async function writeAtomically(what: string, file: string, text: string, mode = 0o644): Promise<void> {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.part`);
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing?.isDirectory() === true) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    // A device or a pipe (/dev/null, /dev/fd/3) cannot be replaced: it is written to.
    if (existing !== undefined && !existing.isFile()) {
      await writeInto(file, text);
      return;
    }
    const handle = await open(beside, "wx", mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (existing !== undefined) await chmod(beside, existing.mode & 0o777);
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw writeError(what, file, error);
  }
}

/** Fails early, before a long run, when a file could not be written at its end. */
export async function checkWritable(what: string, file: string): Promise<void> {
  try {
    const existing = await stat(file).catch(() => undefined);
    if (existing?.isDirectory() === true) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
    const folder = path.dirname(file);
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error("no folder"), { code: "ENOTDIR" });
    await access(existing?.isFile() === false ? file : folder, constants.W_OK);
  } catch (error) {
    throw writeError(what, file, error);
  }
}

async function writeInto(file: string, text: string): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "a part of its path is no folder",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "it lies on a file system that cannot be written",
  EISDIR: "it is a folder",
  ENOSPC: "the disk is full",
};

/** The error for a file that could not be written, such as `the report r.json: there is no such folder`. */
export function writeError(what: string, file: string, error: unknown): CliError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return inputError(`${what} ${file}: ${faults[code] ?? messageOf(error)}`);
}
