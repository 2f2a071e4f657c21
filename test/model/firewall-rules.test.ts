import { describe, expect, it } from "vitest";
import { hostCovers, judgeFirewall, type FirewallFlow, type FirewallRule } from "../../src/model/firewall-rules.ts";

const flow: FirewallFlow = {
  source: "10.1.2.0/24",
  tag: "MicrosoftContainerRegistry.eastus2",
  hosts: ["mcr.microsoft.com"],
  protocol: "Tcp",
  port: 443,
};
const network = (more: Partial<FirewallRule> = {}): FirewallRule => ({
  kind: "network",
  name: "n",
  access: "Allow",
  sources: ["10.1.0.0/16"],
  destinations: ["MicrosoftContainerRegistry"],
  hosts: [],
  protocols: ["TCP"],
  ports: ["443"],
  usesGroups: false,
  ...more,
});
const application = (more: Partial<FirewallRule> = {}): FirewallRule => ({
  kind: "application",
  name: "a",
  access: "Allow",
  sources: ["10.1.0.0/16"],
  destinations: [],
  hosts: ["*.microsoft.com"],
  protocols: [],
  ports: ["443"],
  usesGroups: false,
  ...more,
});

describe("a flow whose names are not known of its cloud", () => {
  const nameless: FirewallFlow = { ...flow, hosts: [] };
  it.each([
    ["may pass by a rule for names", [application()], nameless, "unknown"],
    ["passes by a rule for its tag", [network(), application()], nameless, "Allow"],
    ["is refused without rules", [], nameless, "Deny"],
    ["is refused when only other ports are let through by name", [application({ ports: ["8443"] })], nameless, "Deny"],
    ["is refused over UDP, which no rule for names sees", [application()], { ...nameless, protocol: "Udp" }, "Deny"],
  ] as const)("%s", (_, rules, given, access) => {
    expect(judgeFirewall(rules, given).access).toBe(access);
  });
});

describe("a firewall", () => {
  it.each([
    ["refuses without rules", [], "Deny"],
    ["allows by a network rule for the tag", [network()], "Allow"],
    ["allows by an application rule for the name", [application()], "Allow"],
    [
      "refuses other sources",
      [network({ sources: ["10.9.0.0/16"] }), application({ sources: ["10.9.0.0/16"] })],
      "Deny",
    ],
    ["refuses other ports", [network({ ports: ["8787"] })], "Deny"],
    ["asks network rules first", [network({ access: "Deny" }), application()], "Deny"],
    ["keeps its counsel about IP groups", [network({ destinations: [], usesGroups: true })], "unknown"],
    ["keeps its counsel about FQDN tags", [application({ hosts: [], usesGroups: true })], "unknown"],
  ] as const)("%s", (_, rules, expected) => {
    expect(judgeFirewall(rules, flow).access).toBe(expected);
  });

  it("names the application rule that cannot see the port", () => {
    expect(
      judgeFirewall([application({ name: "files", hosts: ["*.file.core.windows.net"] })], {
        ...flow,
        tag: "Storage.eastus2",
        hosts: ["*.file.core.windows.net"],
        port: 445,
      }).wrongKind?.name,
    ).toBe("files");
  });

  it.each([
    ["*", "a.example", true],
    ["*.example", "a.b.example", true],
    ["*.example", "example", false],
    ["A.example", "a.example", true],
    ["*.b.example", "*.b.example", true],
    ["b.example", "*.b.example", false],
  ])("covers names: %s, %s", (pattern, host, expected) => {
    expect(hostCovers(pattern, host)).toBe(expected);
  });
});
