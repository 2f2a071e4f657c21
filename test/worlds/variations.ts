import { readdirSync } from "node:fs";
import type { Variation } from "./expect-variation.ts";

/** The files that hold variations, and what each holds. */
export async function loadVariations(): Promise<{ file: string; variations: readonly Variation[] }[]> {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith("-variations.ts"));
  return Promise.all(
    files.sort().map(async (file) => {
      const exported = (await import(new URL(file, import.meta.url).href)) as Record<string, readonly Variation[]>;
      return { file, variations: Object.values(exported).flat() };
    }),
  );
}

/** What a variation is certain to show: of alternatives, none is. */
export function shown({ roots, effects = [], warns = [] }: Variation): string[] {
  return [...roots.flatMap((root) => (typeof root === "string" ? [root] : [])), ...effects, ...warns];
}
