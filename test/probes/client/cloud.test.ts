import { describe, expect, it } from "vitest";
import probe from "../../../probes/client/cloud.ts";
import { absent, gapAt, seen } from "../../../src/model/observation.ts";
import { workspace } from "../dependencies.ts";
import { failed } from "./own-path.ts";
import { verdictOf } from "../verdict-of.ts";

function facts(cloud: string, location: string, azEnvironment?: string) {
  return {
    target: { cloud },
    workspace: seen({ ...workspace(), location }),
    own: absent,
    vantage: { name: "vm-jump", instance: azEnvironment === undefined ? absent : seen({ azEnvironment }) },
  };
}

describe("client/cloud", () => {
  it.each([
    ["one cloud", facts("AzureCloud", "eastus2", "AzurePublicCloud"), "pass"],
    ["a region of another cloud", facts("AzureCloud", "usgovvirginia"), "cv-cloud-mismatch"],
    ["a region of China", facts("AzureUSGovernment", "chinanorth3"), "cv-cloud-mismatch"],
    ["a machine of another cloud", facts("AzureCloud", "eastus2", "AzureUSGovernmentCloud"), "cv-cloud-mismatch(w)"],
    ["a machine that does not say", facts("AzureUSGovernment", "usgovarizona"), "pass"],
    ["a cloud that is not known", facts("AzureCloud", "eastus2", "AzureElsewhere"), "pass"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });

  const refused = (code: string, azEnvironment: string) => ({
    ...facts("AzureCloud", "eastus2", azEnvironment),
    workspace: gapAt("GET /x", { gap: "denied", status: 401 }),
    own: seen(failed("refused", `${code}: no`)),
  });
  it.each([
    ["the machine is of another cloud", refused("AADSTS90002", "AzureUSGovernmentCloud"), "cv-cloud-mismatch?(w)"],
    ["the machine is of this cloud", refused("AADSTS90002", "AzurePublicCloud"), "unknown"],
    ["only the secret is wrong", refused("AADSTS7000215", "AzureUSGovernmentCloud"), "unknown"],
  ])("a sign-in that fails as in a wrong cloud, and %s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });
});
