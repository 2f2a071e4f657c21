import { describe, expect, it } from "vitest";
import { meet, type Topic } from "../../src/engine/meeting.ts";

const workspace = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws";
const vault = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv";

describe("two findings", () => {
  it.each<[string, Topic, Topic, boolean]>([
    ["of the same id in another case", { subject: vault }, { subject: vault.toUpperCase() }, true],
    ["of a resource and its child", { subject: vault }, { subject: `${vault}/privateEndpointConnections/pe` }, true],
    ["of resources whose names begin alike", { subject: vault }, { subject: `${vault}2` }, false],
    [
      "of a resource and its resource group",
      { subject: vault },
      { subject: "/subscriptions/s/resourceGroups/rg" },
      false,
    ],
    ["of siblings", { subject: `${vault}/keys/a` }, { subject: `${vault}/keys/b` }, false],
    ["where one is about the other", { subject: "kv.vault.azure.net", about: [vault] }, { subject: vault }, true],
    [
      "where one is about the parent of the other",
      { subject: "kv.vault.azure.net", about: [workspace] },
      { subject: `${workspace}/onlineEndpoints/e` },
      false,
    ],
    [
      "about the same thing",
      { subject: "a.test", about: ["10.0.0.4"] },
      { subject: "b.test", about: ["10.0.0.4"] },
      true,
    ],
    [
      "of a name with and without port, dot and case",
      { subject: "KV.vault.azure.net.:443" },
      { subject: "kv.vault.azure.net" },
      true,
    ],
    ["of an address with and without port", { subject: "10.0.0.4:443" }, { subject: "10.0.0.4" }, true],
    ["of an IPv6 address with and without port", { subject: "[fd00::1]:443" }, { subject: "fd00::1" }, true],
    ["of IPv6 addresses that differ at the end", { subject: "fd00::1" }, { subject: "fd00::2" }, false],
    ["of other names", { subject: "a.test" }, { subject: "b.test" }, false],
    ["without subjects", {}, {}, false],
    ["with empty subjects", { subject: "" }, { subject: "" }, false],
  ])("%s", (_, a, b, met) => {
    expect([meet(a, b), meet(b, a)]).toEqual([met, met]);
  });
});
