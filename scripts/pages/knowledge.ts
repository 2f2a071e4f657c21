import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { loadPlaybooks } from "../../playbooks/runner.ts";
import { loadProbes, type Registry } from "../../src/engine/registry.ts";
import type { Playbook } from "../../src/model/playbook.ts";
import { docComment } from "./doc-comment.ts";

/** Everything that the pages are made from. */
export interface Knowledge {
  readonly probes: Registry;
  readonly playbooks: readonly Playbook[];
  /** The paragraphs that explain a probe in its source, by its id. */
  readonly explanations: ReadonlyMap<string, readonly string[]>;
  /** Prose by failure id: Markdown with the headings of `proseHeadings`. */
  readonly prose: ReadonlyMap<string, string>;
}

/** Reads probes, playbooks and prose of the project in this folder. Throws when prose names no failure id. */
export async function readKnowledge(project: string): Promise<Knowledge> {
  const probes = await loadProbes(path.join(project, "probes"));
  const explanations = new Map<string, readonly string[]>();
  for (const { id } of probes.probes)
    explanations.set(id, docComment(await readFile(path.join(project, "probes", `${id}.ts`), "utf8")));
  const prose = new Map<string, string>();
  const folder = path.join(project, "docs/prose");
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".md"))) {
    const id = name.replace(/\.md$/, "");
    if (probes.probeOfReason(id) === undefined) throw new Error(`docs/prose/${name}: there is no failure ${id}`);
    prose.set(id, (await readFile(path.join(folder, name), "utf8")).trim());
  }
  return { probes, playbooks: await loadPlaybooks([path.join(project, "playbooks")], probes), explanations, prose };
}
