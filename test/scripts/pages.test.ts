import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../../scripts/pages/catalogue.ts";
import { docComment } from "../../scripts/pages/doc-comment.ts";
import { failurePage } from "../../scripts/pages/failure-page.ts";
import { readKnowledge, type Knowledge } from "../../scripts/pages/knowledge.ts";
import { withStandIns } from "../../scripts/pages/stand-in.ts";

let knowledge: Knowledge;
let ids: string[];
beforeAll(async () => {
  knowledge = await readKnowledge(fileURLToPath(new URL("../..", import.meta.url)));
  ids = knowledge.probes.probes.flatMap((probe) => Object.keys(probe.reasons));
});

describe("the pages of failures", () => {
  it("say of every failure what it is, what proves it, how to mend it, and where to read on", () => {
    for (const id of ids) {
      const page = failurePage(id, knowledge);
      for (const heading of [`# ${id}`, "## What you see", "## What proves it", "## How to mend it", "## Sources"])
        expect(page, id).toContain(`${heading}\n`);
      expect(page, id).not.toMatch(/undefined|\[object |NaN/);
      expect(page.replace(/^```[\s\S]*?^```$/gm, ""), `${id}: markup`).not.toMatch(/<(?!https:)/);
    }
  });

  it("know how to mend every failure without a diagnosis", () => {
    const without = ids.filter(
      (id) => withStandIns(id, (found) => knowledge.probes.probeOfReason(id)?.reasons[id]?.fix(found)) === undefined,
    );
    expect(without).toEqual([]);
  });

  it("link only to pages that are there", () => {
    const linked = ids.flatMap((id) =>
      [...failurePage(id, knowledge).matchAll(/\]\(([a-z0-9-]+)\.md\)/g)].map(([, to]) => to),
    );
    expect(linked.filter((id) => !ids.includes(id ?? ""))).toEqual([]);
  });

  it("put prose where its headings say", () => {
    const [id = ""] = ids;
    const page = failurePage(id, {
      ...knowledge,
      prose: new Map([[id, "Before all.\n\n## What you see\n\nA sight.\n\n## How to mend it\n\nA remark."]]),
    });
    const places = [
      "Before all.",
      "## What you see",
      "A sight.",
      "## What proves it",
      "## How to mend it",
      "A remark.",
    ].map((text) => page.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});

describe("the catalogue", () => {
  it("lists every failure with its check", () => {
    const text = catalogue(knowledge);
    for (const id of ids) expect(text).toContain(`[${id}](../docs/failures/${id}.md)`);
    for (const probe of knowledge.probes.probes) expect(text).toContain(`### [${probe.id}](${probe.id}.ts)`);
  });
});

describe("the explanation of a probe", () => {
  it.each([
    ["/**\n * One.\n * Still one.\n *\n * Two.\n */\nexport default defineProbe({", ["One. Still one.", "Two."]],
    ["/** Another's. */\nconst a = 1;\n\nexport default defineProbe({", []],
    ["/** A. */\nconst a = 1;\n\n/** B. */\nexport default defineProbe({", ["B."]],
    ["no export", []],
  ])("is read from %j", (source, paragraphs) => expect(docComment(source)).toEqual(paragraphs));
});
