import { describe, expect, it } from "vitest";
import furtherHosts from "../../../probes/firewall/further-hosts.ts";
import requiredHosts from "../../../probes/firewall/required-hosts.ts";
import probe from "../../../probes/network/required-outbound.ts";
import type { Firewall } from "../../../src/facts/firewalls.ts";
import type { FoundVerdict } from "../../../src/model/finding.ts";
import { gapAt, seen } from "../../../src/model/observation.ts";
import { judgeWith } from "../judge.ts";
import { commandsOf } from "../verdict-of.ts";
import {
  busy,
  cluster,
  clusterId,
  egressOf,
  groupId,
  lost,
  place,
  policyId,
  refuseAll,
  requiredRules,
  routeTable,
  securityGroup,
  subnetId,
} from "../compute/estate.ts";

function without(text: string): string[] {
  return requiredRules.filter((line) => !line.includes(text));
}

describe("the group of the computes' subnet", () => {
  it.each([
    ["passes without a group", place({ compute: cluster(lost) }), "pass"],
    [
      "passes without a rule that refuses",
      place({ compute: cluster(lost), group: securityGroup("Inbound 100 Deny * * *") }),
      "pass",
    ],
    [
      "passes with all that is required",
      place({ compute: cluster(lost), group: securityGroup(...requiredRules, refuseAll) }),
      "pass",
    ],
    [
      "refuses a required service",
      place({ compute: cluster(lost), group: securityGroup(...without("AzureActiveDirectory"), refuseAll) }),
      "confirmed",
    ],
    [
      "refuses one, and nothing has failed yet",
      place({ group: securityGroup(...without("AzureActiveDirectory"), refuseAll) }),
      "likely",
    ],
    [
      "refuses one, and nodes work all the same",
      place({ compute: cluster(busy), group: securityGroup(...without("AzureActiveDirectory"), refuseAll) }),
      "warning",
    ],
    [
      "passes where only telemetry is refused",
      place({ group: securityGroup(...without("AzureMonitor"), refuseAll) }),
      "pass",
    ],
    [
      "is unknown when it cannot be read",
      place({ group: gapAt("GET nsg", { gap: "denied", status: 403 }) }),
      "unknown",
    ],
  ])("%s", async (_, where, expected) => {
    const [verdict] = judgeWith(probe, { places: [where], egress: await egressOf(where) });
    expect(verdict?.is === "found" ? (verdict.as ?? verdict.confidence) : verdict?.is).toBe(expected);
  });

  it("is mended by the missing rules, at priorities that are free", async () => {
    const where = place({
      compute: cluster(lost),
      group: securityGroup(...requiredRules.map((line) => line.replace("443,445", "443")), refuseAll),
    });
    const [verdict] = judgeWith(probe, { places: [where], egress: await egressOf(where) });
    expect(verdict).toMatchObject({
      is: "found",
      reason: "nsg-outbound-required-tags-missing",
      subject: groupId,
      about: [subnetId, clusterId],
    });
    const found = verdict as FoundVerdict;
    const fix = probe.reasons["nsg-outbound-required-tags-missing"]?.fix(found);
    expect([fix].flat().flatMap((each) => each?.commands.map(({ text }) => text) ?? [])).toEqual([
      "az network nsg rule create --subscription 00000000-0000-4000-8000-000000000001 --resource-group rg-example --nsg-name nsg --name Allow-Storage-eastus2-445 --priority 109 --direction Outbound --access Allow --protocol Tcp --source-address-prefixes VirtualNetwork --destination-address-prefixes Storage.eastus2 --destination-port-ranges 445",
    ]);
  });

  it("is remarked on where only telemetry is refused", async () => {
    const where = place({ group: securityGroup(...without("AzureMonitor"), refuseAll) });
    expect(judgeWith(furtherHosts, { places: [where], egress: await egressOf(where) })).toMatchObject([
      { is: "found", reason: "fw-hbi-keyvault-and-monitor", subject: groupId },
    ]);
  });

  it("has its first rule moved back where that refuses", async () => {
    const where = place({
      group: securityGroup("Outbound 100 Deny * AzureMonitor 443", "Outbound 101 Allow Tcp * 22"),
    });
    const facts = { places: [where], egress: await egressOf(where) };
    expect(commandsOf(furtherHosts, facts)).toMatch(
      /list .*\n.*update .*--priority 102\n.*update .*--priority 101\n.*create .*--name Allow-AzureMonitor-443 --priority 100 /,
    );
  });
});

describe("the firewall on the computes' way", () => {
  const table = routeTable("0.0.0.0/0 VirtualAppliance 10.0.1.4");
  const allow = (tag: string, port: string): FirewallRules[number] => ({
    kind: "network",
    name: tag,
    access: "Allow",
    sources: ["10.1.0.0/16"],
    destinations: [tag],
    hosts: [],
    protocols: ["TCP", "UDP"],
    ports: port.split(","),
    usesGroups: false,
  });
  type FirewallRules = Extract<Firewall["rules"], { is: "value" }>["value"];
  const all: FirewallRules = [
    allow("AzureActiveDirectory", "443"),
    allow("AzureMachineLearning", "443,8787,18881,5831"),
    allow("BatchNodeManagement.eastus2", "443"),
    allow("AzureResourceManager", "443"),
    allow("Storage.eastus2", "443,445"),
    allow("MicrosoftContainerRegistry", "443"),
    allow("AzureFrontDoor.FirstParty", "443"),
    allow("AzureMonitor", "443"),
    allow("AzureFrontDoor.Frontend", "443"),
  ];
  const byName: FirewallRules = [
    {
      kind: "application",
      name: "names",
      access: "Allow",
      sources: ["*"],
      destinations: [],
      hosts: ["login.microsoftonline.com", "*.instances.azureml.ms"],
      protocols: [],
      ports: ["443"],
      usesGroups: false,
    },
  ];
  const look = async (rules: Firewall["rules"], compute = cluster(lost)) => {
    const where = place({ compute, table, subnet: { natGateway: null } });
    return judgeWith(requiredHosts, {
      places: [where],
      egress: await egressOf(where, rules),
      firewalls: { found: [{ id: "/fw", rules }], subscriptions: [] },
    });
  };

  it("passes with all that is required, by tag or by name", async () => {
    expect(await look(seen([...all.slice(1), ...byName]))).toMatchObject([{ is: "pass" }]);
  });
  it("blocks what no rule allows", async () => {
    expect(await look(seen(all.slice(1)))).toMatchObject([
      {
        is: "found",
        reason: "fw-missing-core-fqdns",
        confidence: "confirmed",
        subject: policyId,
        data: { missing: ["login.microsoftonline.com"] },
      },
    ]);
  });
  it("is a remark while nodes work", async () => {
    expect(await look(seen(all.slice(1)), cluster(busy))).toMatchObject([{ is: "found", as: "warning" }]);
  });
  it("has an application rule where a network rule is needed", async () => {
    const narrow = all.map((rule) => (rule.name === "AzureMachineLearning" ? { ...rule, ports: ["443"] } : rule));
    expect(await look(seen([...narrow, ...byName]))).toMatchObject([
      { is: "found", reason: "fw-app-vs-network-rules", data: { wrongKind: "names" } },
    ]);
  });
  it("lacks rules altogether, and tells once of ports that names do not open", async () => {
    const narrow = all
      .filter(({ name }) => name !== "AzureMonitor" && !name.startsWith("BatchNodeManagement"))
      .map((rule) => (rule.name === "AzureMachineLearning" ? { ...rule, ports: ["443"] } : rule));
    expect(await look(seen([...narrow, ...byName]))).toMatchObject([
      {
        is: "found",
        reason: "fw-missing-core-fqdns",
        data: { needs: [{ port: 443 }, { port: 8787 }, { port: 18881 }], byPort: [{ port: 8787 }, { port: 18881 }] },
      },
    ]);
  });
});
