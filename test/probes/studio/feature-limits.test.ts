import { describe, expect, it } from "vitest";
import probe from "../../../probes/studio/feature-limits.ts";
import { seen } from "../../../src/model/observation.ts";
import { accounts, workspace } from "../dependencies.ts";
import { judgeWith } from "../judge.ts";

const store = (accountName: string, name = "other") => ({
  name,
  properties: { datastoreType: "AzureBlob", accountName },
});
const open = { publicNetworkAccess: "Enabled", networkAcls: { defaultAction: "Allow" } };

function told(space: string, account: Record<string, unknown>, ...stores: unknown[]): string {
  const facts = {
    workspace: workspace({ publicNetworkAccess: space }),
    accounts: seen(accounts(account)),
    stores: seen(stores),
  };
  return judgeWith(probe, facts)
    .map((verdict) => (verdict.is === "pass" ? (verdict.summary ?? "as titled") : verdict.is))
    .join(" ");
}

describe("what the studio does not offer", () => {
  it.each([
    ["is nothing in a public estate", told("Enabled", open), /^as titled$/],
    ["is sample data in a private workspace", told("Disabled", open), /sample data[^;]*$/],
    ["is labeling over private storage", told("Enabled", {}), /^[^;]*labeling/],
    [
      "is labeling over guarded storage",
      told("Enabled", { ...open, networkAcls: { defaultAction: "Deny" } }),
      /labeling/,
    ],
    ["is both in a private estate", told("Disabled", {}), /sample data.*; labeling.*no datastore of another account/],
    [
      "leaves another account's datastore",
      told("Disabled", {}, store("stmlprod", "own"), store("stother")),
      /such as the datastore other/,
    ],
  ])("%s", (_, said, expected) => {
    expect(said).toMatch(expected);
  });
});
