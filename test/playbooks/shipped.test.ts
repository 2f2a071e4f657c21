import { describe, expect, it } from "vitest";
import { plain } from "../../playbooks/pasted-text.ts";
import { playbooks, probes, reachable, symptomPlaybooks } from "./shipped.ts";

const failures = probes.probes.flatMap(({ reasons }) => Object.keys(reasons));

describe("the playbooks that ship", () => {
  it("are one for each symptom, and one for everything", () => {
    expect(symptomPlaybooks).toHaveLength(playbooks.length - 1);
    expect(symptomPlaybooks.length).toBeGreaterThan(20);
  });

  it("reach every failure id, without the one that looks at everything", () => {
    const reached = new Set(symptomPlaybooks.flatMap((playbook) => [...reachable(playbook)]));
    expect(failures.filter((id) => !reached.has(id))).toEqual([]);
  });

  it("look at every area as a whole somewhere, so that a new check of it is reached", () => {
    const areas = new Set(probes.probes.map(({ id }) => `${id.split("/")[0] ?? ""}/*`));
    const looked = new Set(symptomPlaybooks.flatMap(({ steps }) => steps.map(({ probe }) => probe)));
    expect([...areas].filter((area) => !looked.has(area))).toEqual([]);
  });

  it.each(symptomPlaybooks)("$id is narrower than everything", ({ steps }) => {
    const meant = new Set(steps.flatMap(({ probe }) => probes.probesOf(probe)));
    expect(meant.size).toBeLessThan(probes.probes.length * 0.65);
  });

  it("share no error fragment, which would tell nothing", () => {
    const owners = new Map<string, string[]>();
    for (const { id, errors = [] } of symptomPlaybooks)
      for (const fragment of errors) owners.set(plain(fragment), [...(owners.get(plain(fragment)) ?? []), id]);
    expect([...owners].filter(([, ids]) => ids.length > 1)).toEqual([]);
  });
});
