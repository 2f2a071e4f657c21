import { describe, expect, it } from "vitest";
import uploads from "../../../probes/compute/client-uploads.ts";
import submission from "../../../probes/compute/job-submission.ts";
import { ids, way, workspace } from "../dependencies.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const reach = {
  address: "20.1.1.1",
  port: 443,
  host: "w.api.azureml.ms",
  tcp: { outcome: "open", durationMs: 1 },
  http: { outcome: "answered", status: 403, headers: {}, body: "", durationMs: 1 },
};
const refused = way("blob", ids.account, { outcome: "refused", reach });
const api = (more: Readonly<Record<string, unknown>> = {}) => ({
  name: { fqdn: "w.api.azureml.ms", service: "workspace-api", resourceId: ids.workspace, expected: [] },
  needsPrivate: true,
  system: { addresses: ["20.1.1.1"] },
  here: "public",
  reaches: [reach],
  ...more,
});
const cluster = (nodeStateCounts: unknown, computeType = "AmlCompute") => ({
  id: `${ids.workspace}/computes/train`,
  name: "train",
  properties: { computeType, properties: { nodeStateCounts } },
});

describe("uploads of the SDK", () => {
  it.each([
    ["are refused by the default account", [refused], "cmp-dev-environment-storage"],
    ["reach the default account", [way("blob", ids.account, { outcome: "private" })], "pass"],
    ["get no answer, which says nothing of the firewall", [way("blob", ids.account)], "skip"],
    ["do not go to another account", [way("blob", `${ids.account}2`, { outcome: "refused" })], "skip"],
    ["are not refused by an account that is open", [{ ...refused, locked: false }], "pass"],
  ])("%s", (_, access, expected) => {
    expect(verdictOf(uploads, { workspace: workspace(), access })).toBe(expected);
  });

  it("name the account", () => {
    expect(commandsOf(uploads, { workspace: workspace(), access: [refused] })).toContain("--account-name stmlprod");
  });
});

describe("the way of a job", () => {
  const facts = (access: readonly unknown[], paths: readonly unknown[], computes: readonly unknown[]) => ({
    workspace: workspace(),
    access,
    paths,
    computes,
  });
  const idle = cluster({ idleNodeCount: 1 });
  it.each([
    ["is open", facts([], [api({ here: "expected" })], [idle]), "pass"],
    ["ends at the account", facts([refused], [], [idle]), "cmp-job-submission-path"],
    ["ends at the workspace", facts([], [api()], [idle]), "cmp-job-submission-path"],
    ["is open to the public", facts([], [api({ needsPrivate: false })], [idle]), "pass"],
    ["ends at the nodes", facts([], [], [cluster({ unusableNodeCount: 2 })]), "cmp-job-submission-path"],
    ["goes on with fewer nodes", facts([], [], [cluster({ unusableNodeCount: 2, runningNodeCount: 1 })]), "pass"],
    ["goes on once nodes are made", facts([], [], [cluster({ unusableNodeCount: 1, preparingNodeCount: 2 })]), "pass"],
    ["is not there without computes", facts([refused], [api()], [cluster({}, "Kubernetes")]), "skip"],
  ])("%s", (_, given, expected) => {
    expect(verdictOf(submission, given)).toBe(expected);
  });
});
