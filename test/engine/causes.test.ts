import { describe, expect, it } from "vitest";
import { explain } from "../../src/engine/causes.ts";
import { findingOf, type Finding } from "../../src/engine/finding.ts";
import { speechFor } from "../../src/engine/say.ts";
import type { Registry } from "../../src/engine/registry.ts";
import { faults, found, unknown } from "./made-up.ts";

const registry = faults({
  root: [],
  middle: ["root"],
  leaf: ["middle"],
  far: [{ reason: "root", scope: "anywhere" }],
  lone: [],
});

/** Roots as `id@subject`, and what explains each failing finding. */
function told(
  findings: readonly Finding[],
  of: Registry = registry,
): { roots: string[]; causedBy: string[]; possibly: string[] } {
  const explanation = explain(findings, of);
  const failing = findings.flatMap((finding) =>
    finding.verdict.is === "found" ? [{ finding, name: `${finding.verdict.reason}@${finding.verdict.subject}` }] : [],
  );
  return {
    roots: explanation.roots.map((root) => `${root.findings[0].verdict.reason}@${root.findings[0].verdict.subject}`),
    causedBy: failing.flatMap(({ finding, name }) => explanation.causedBy(finding).map((id) => `${name} <- ${id}`)),
    possibly: failing.flatMap(({ finding, name }) =>
      explanation.openCauses(finding).map(({ id }) => `${name} <- ${id}`),
    ),
  };
}

const passed = (id: string): Finding => {
  const probe = registry.probeOfReason(id);
  if (probe === undefined) throw new Error(id);
  return findingOf(probe, speechFor(probe).say.pass());
};

describe("an effect", () => {
  it.each<[string, Finding[], ReturnType<typeof told>]>([
    [
      "folds under its root through what lies between",
      [found(registry, "leaf", "s"), found(registry, "middle", "s"), found(registry, "root", "s")],
      { roots: ["root@s"], causedBy: ["leaf@s <- root", "middle@s <- root"], possibly: [] },
    ],
    [
      "of another thing is its own root",
      [found(registry, "middle", "a"), found(registry, "root", "b")],
      { roots: ["middle@a", "root@b"], causedBy: [], possibly: [] },
    ],
    [
      "meets its cause over what they are about",
      [found(registry, "middle", "a", { about: ["b:443"] }), found(registry, "root", "B.")],
      { roots: ["root@B."], causedBy: ["middle@a <- root"], possibly: [] },
    ],
    [
      "anywhere is explained wherever the cause stands",
      [found(registry, "far", "a"), found(registry, "root", "b")],
      { roots: ["root@b"], causedBy: ["far@a <- root"], possibly: [] },
    ],
    [
      "whose path is broken by something that passed is its own root",
      [found(registry, "leaf", "s"), passed("middle"), found(registry, "root", "s")],
      { roots: ["leaf@s", "root@s"], causedBy: [], possibly: [] },
    ],
    [
      "is not explained by a warning",
      [found(registry, "middle", "s"), found(registry, "root", "s", { as: "warning" })],
      { roots: ["middle@s"], causedBy: [], possibly: [] },
    ],
    [
      "that is a warning has no cause and is no root",
      [found(registry, "middle", "s", { as: "warning" }), found(registry, "root", "s")],
      { roots: ["root@s"], causedBy: [], possibly: [] },
    ],
    [
      "is possibly caused by what could not be seen at all",
      [found(registry, "middle", "s"), unknown(registry, "root")],
      { roots: ["middle@s"], causedBy: [], possibly: ["middle@s <- root"] },
    ],
    [
      "is possibly caused by what could not be seen of its subject",
      [found(registry, "middle", "s"), unknown(registry, "root", "S:443")],
      { roots: ["middle@s"], causedBy: [], possibly: ["middle@s <- root"] },
    ],
    [
      "is not possibly caused by what could not be seen of another",
      [found(registry, "middle", "s"), unknown(registry, "root", "t")],
      { roots: ["middle@s"], causedBy: [], possibly: [] },
    ],
    [
      "anywhere is possibly caused by what could not be seen of another",
      [found(registry, "far", "s"), unknown(registry, "root", "t")],
      { roots: ["far@s"], causedBy: [], possibly: ["far@s <- root"] },
    ],
    [
      "with a cause has no possible ones",
      [
        found(registry, "leaf", "s"),
        found(registry, "middle", "s"),
        unknown(registry, "middle"),
        unknown(registry, "root"),
      ],
      { roots: ["middle@s"], causedBy: ["leaf@s <- middle"], possibly: ["middle@s <- root"] },
    ],
  ])("%s", (_, findings, expected) => expect(told(findings)).toEqual(expected));

  it("found twice on one subject is one root with both findings", () => {
    const [root, ...others] = explain(
      [found(registry, "lone", "A.test"), found(registry, "lone", "a.test")],
      registry,
    ).roots;
    expect([root?.findings.length, others]).toEqual([2, []]);
  });

  it("found on two ports of one address is two roots", () => {
    expect(told([found(registry, "lone", "10.0.0.4:443"), found(registry, "lone", "10.0.0.4:80")]).roots).toEqual([
      "lone@10.0.0.4:443",
      "lone@10.0.0.4:80",
    ]);
  });

  it("with two roots names both, and a pending endpoint of one registry does not explain another", () => {
    const two = faults({ a: [], b: [], effect: ["a", "b"] });
    const findings = [found(two, "effect", "s"), found(two, "effect", "t"), found(two, "b", "s"), found(two, "a", "s")];
    expect(told(findings, two)).toEqual({
      roots: ["a@s", "b@s", "effect@t"],
      causedBy: ["effect@s <- a", "effect@s <- b"],
      possibly: [],
    });
  });

  it("folds along a chain far deeper than any real one", () => {
    const ids = Array.from({ length: 500 }, (_, index) => `r${index}`);
    const deep = faults(Object.fromEntries(ids.map((id, index) => [id, index === 0 ? [] : [`r${index - 1}`]])));
    expect(
      told(
        ids.map((id) => found(deep, id, "s")),
        deep,
      ).roots,
    ).toEqual(["r0@s"]);
  });
});

describe("roots", () => {
  it("come by how much they explain, then by layer, id and subject", () => {
    const many = faults(
      { small: [], busy: [], effect: ["busy"], early: [], alpha: [] },
      { busy: "endpoint", early: "control-plane" },
    );
    const findings = [
      found(many, "small", "b"),
      found(many, "small", "a"),
      found(many, "early", "s"),
      found(many, "alpha", "z"),
      found(many, "effect", "x"),
      found(many, "busy", "x"),
    ];
    expect(told(findings, many).roots).toEqual(["busy@x", "early@s", "alpha@z", "small@a", "small@b"]);
  });

  it("list what they explain, without themselves", () => {
    const [root] = explain(
      [found(registry, "leaf", "s"), found(registry, "root", "s"), found(registry, "middle", "s")],
      registry,
    ).roots;
    expect(root?.explains.map((effect) => effect.verdict.reason)).toEqual(["leaf", "middle"]);
  });
});
