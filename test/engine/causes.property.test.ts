import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain } from "../../src/engine/causes.ts";
import { isFailing, type Finding } from "../../src/engine/finding.ts";
import type { Cause } from "../../src/model/probe.ts";
import type { Registry } from "../../src/engine/registry.ts";
import { meet } from "../../src/engine/meeting.ts";
import { faults, found, unknown } from "./made-up.ts";

const vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";
const subjects = fc.constantFrom(
  "a.test",
  "A.test.",
  "a.test:443",
  "10.0.0.4",
  "10.0.0.4:443",
  vault,
  `${vault}/keys/k`,
  vault.toUpperCase(),
);

/** Random failure ids of which each can be caused by earlier ones only, so that no circle can arise. */
const graphs = fc
  .array(fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
  .map((edges) =>
    faults(
      Object.fromEntries(
        edges.map((from, index) => {
          const causes =
            index === 0
              ? []
              : from.map(([pick, anywhere]): Cause =>
                  anywhere ? { reason: `r${pick % index}`, scope: "anywhere" } : `r${pick % index}`,
                );
          return [`r${index}`, causes];
        }),
      ),
    ),
  );

const estates = graphs.chain((registry) =>
  fc
    .array(
      fc.record({
        id: fc.nat({ max: registry.probes.length - 1 }).map((index) => `r${index}`),
        subject: subjects,
        about: fc.array(subjects, { maxLength: 2 }),
        kind: fc.constantFrom("fail", "fail", "fail", "warn", "unknown"),
      }),
      { maxLength: 25 },
    )
    .map((made): { registry: Registry; findings: Finding[] } => ({
      registry,
      findings: made.map(({ id, subject, about, kind }) =>
        kind === "unknown"
          ? unknown(registry, id, subject)
          : found(registry, id, subject, { about, ...(kind === "warn" ? { as: "warning" } : {}) }),
      ),
    })),
);

function always(holds: (estate: { registry: Registry; findings: Finding[] }) => void): void {
  fc.assert(
    fc.property(estates, (estate) => {
      holds(estate);
    }),
    { numRuns: 300 },
  );
}

describe("on any graph of causes", () => {
  it("something failing means at least one root, and nothing failing means none", () => {
    always(({ registry, findings }) =>
      expect(explain(findings, registry).roots.length > 0).toBe(findings.some(isFailing)),
    );
  });

  it("no root cites another cause, and no root is explained by another", () => {
    always(({ registry, findings }) => {
      const { roots, causedBy } = explain(findings, registry);
      const inRoots = new Set<Finding>(roots.flatMap((root) => root.findings));
      for (const root of inRoots) expect(causedBy(root)).toEqual([]);
      for (const { explains } of roots) for (const effect of explains) expect(inRoots.has(effect)).toBe(false);
    });
  });

  it("no root has a failing cause that meets it", () => {
    always(({ registry, findings }) => {
      for (const { findings: own } of explain(findings, registry).roots) {
        for (const root of own) {
          for (const cause of registry.causesOf(root.verdict.reason)) {
            const failing = findings.filter(isFailing).filter((other) => other.verdict.reason === cause.reason);
            expect(failing.some((other) => cause.scope === "anywhere" || meet(root.verdict, other.verdict))).toBe(
              false,
            );
          }
        }
      }
    });
  });

  it("every failing finding is a root or explained by one that is there, and nothing else is either", () => {
    always(({ registry, findings }) => {
      const { roots, causedBy } = explain(findings, registry);
      const ids = roots.map((root) => root.findings[0].verdict.reason);
      const inRoots = new Set<Finding>(roots.flatMap((root) => root.findings));
      for (const finding of findings) {
        const by = causedBy(finding);
        expect(inRoots.has(finding) !== by.length > 0).toBe(isFailing(finding));
        for (const id of by) expect(ids).toContain(id);
      }
    });
  });

  it("the order in which findings come changes neither the roots nor their order", () => {
    always(({ registry, findings }) => {
      const names = (of: readonly Finding[]) =>
        explain(of, registry).roots.map(
          (root) => `${root.findings[0].verdict.reason}@${root.findings[0].verdict.subject.toLowerCase()}`,
        );
      expect(names(findings.toReversed())).toEqual(names(findings));
    });
  });
});
