import { randomUUID } from "node:crypto";
import { link, open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { writeError } from "./atomic-file.ts";
import { inputError } from "./errors.ts";

/** Waits in milliseconds: how long another holder is waited for, how often it is looked at, and the age at which a lock
 * was left behind by a process that is no more. A lock is held for the time of one small write. */
const waits = { patienceMs: 10_000, retryMs: 100, staleMs: 60_000 };

/**
 * Runs `work` while holding the lock of a file, `FILE.lock` beside it; its existence is the lock. Waits for another
 * holder for a while, then throws the error that is explained to the user. A lock left behind is taken over.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { patienceMs, retryMs, staleMs }: typeof waits = waits,
): Promise<T> {
  const lock = `${file}.lock`;
  const deadline = performance.now() + patienceMs;
  while (!(await take(lock))) {
    if (await breakStale(lock, staleMs)) continue;
    if (performance.now() >= deadline)
      throw inputError(`the state ${file} is locked by another check`, `When none is running, remove ${lock}.`);
    await wait(retryMs);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw writeError("the lock", lock, error);
  }
}

/** Moves an old lock away. Two that see the same old lock may both try: whoever moved a fresh lock by mistake puts it
 * back, which fails when there is a newer one already. */
async function breakStale(lock: string, staleMs: number): Promise<boolean> {
  const seen = await stat(lock).catch(() => undefined);
  if (seen === undefined) return true;
  if (Date.now() - seen.mtimeMs < staleMs) return false;
  const aside = `${lock}.${randomUUID()}`;
  try {
    await rename(lock, aside);
  } catch {
    return true;
  }
  const moved = await stat(aside).catch(() => undefined);
  if (moved !== undefined && moved.mtimeMs !== seen.mtimeMs) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
  return true;
}
