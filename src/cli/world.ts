import { readFile } from "node:fs/promises";
import { parseWorld, WorldError, type World } from "../lab/world.ts";
import { fileError, inputError } from "./errors.ts";

/** Reads a world file. What is wrong with it is told with its place in the file. */
export async function readWorld(file: string): Promise<World> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw fileError("the world", file, error);
  });
  try {
    return parseWorld(text, file);
  } catch (error) {
    if (error instanceof WorldError) throw inputError(`the world ${error.message}`);
    throw error;
  }
}
