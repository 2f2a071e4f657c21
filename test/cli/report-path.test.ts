import { describe, expect, it } from "vitest";
import { pathOf } from "../../src/cli/report-path.ts";
import type { Report } from "../../src/model/report.ts";
import { healthy, unhealthy } from "../reporters/reports.ts";

const finding = (
  probe: string,
  status: Report["findings"][number]["status"],
  summary = "s",
): Report["findings"][number] => ({
  id: probe,
  probe,
  status,
  subject: "x",
  summary,
  evidence: [],
  causedBy: [],
});
const statuses = (report: Report) => Object.fromEntries(pathOf(report, []).map(({ id, status }) => [id, status]));

describe("the path of a report", () => {
  it("has the usual hops, each after another", () => {
    const path = pathOf(healthy, []);
    expect(path.map(({ id }) => id)).toEqual([
      "machine",
      "resolvers",
      "zones",
      "private-endpoint",
      "workspace",
      "endpoint",
      "deployment",
      "registry",
      "key-vault",
      "storage",
    ]);
    expect(path.slice(1).every(({ after }) => after.length === 1)).toBe(true);
    expect(path[0]).toMatchObject({ name: "vm-jump", after: [] });
  });

  it("marks the hop where a root cause lies, and says which", () => {
    expect(
      pathOf({ ...unhealthy, rootCauses: unhealthy.rootCauses.slice(0, 1) }, []).find(({ id }) => id === "registry"),
    ).toMatchObject({
      status: "broken",
      causes: ["acr-egress-pe-pending"],
      words: "A private endpoint of the container registry waits for approval",
    });
  });

  it.each([
    ["fail", "affected"],
    ["warn", "warning"],
    ["pass", "ok"],
    ["skipped", "none"],
  ] as const)("makes of a %s: %s", (status, hop) => {
    expect(statuses({ ...healthy, findings: [finding("key-vault/a", status)] })["key-vault"]).toBe(hop);
  });

  it("lets the worst of a hop count", () => {
    const findings = [finding("storage/a", "pass"), finding("storage/b", "warn"), finding("storage/c", "fail")];
    expect(statuses({ ...healthy, findings })["storage"]).toBe("affected");
  });

  it("says when a hop could not be judged", () => {
    const unknowns = [
      { probe: "storage/a", subject: "x", reason: "access was denied", consequence: "c", matters: true },
    ];
    expect(statuses({ ...healthy, findings: [finding("storage/b", "pass")], unknowns })["storage"]).toBe("unknown");
  });

  it("shows a hop that not every estate has only where something was judged", () => {
    expect(statuses({ ...healthy, findings: [finding("kubernetes/a", "skipped")] })).not.toHaveProperty("kubernetes");
    const path = pathOf(
      { ...healthy, findings: [finding("kubernetes/a", "pass"), finding("managed-network/a", "pass")] },
      [],
    );
    expect(path.find(({ id }) => id === "deployment")?.after).toEqual(["kubernetes"]);
    expect(path.find(({ id }) => id === "storage")?.after).toEqual(["managed-network"]);
  });

  it("hides no bad news of an area that is no hop", () => {
    expect(
      pathOf({ ...healthy, findings: [finding("aks-v1/a", "fail"), finding("studio/a", "pass")] }, []).at(-1),
    ).toMatchObject({ id: "aks-v1", title: "Aks v1", status: "affected" });
  });
});
