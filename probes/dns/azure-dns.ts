import { armEvidence, dnsEvidence, type Evidence } from "../../src/model/evidence.ts";
import { serverAddress } from "../../src/model/address.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { azureDnsAddress } from "../../src/model/cloud.ts";
import { raw } from "../../src/model/fact.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { networkSecurityGroups, rulesOf } from "../../src/facts/network-security-groups.ts";
import { paths } from "../../src/facts/paths.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { target } from "../../src/facts/target.ts";
import { resolverServers, vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16";

interface Blocked {
  readonly machine: string;
  readonly groupId?: string;
  readonly rule?: string;
  readonly sample: string;
}

const local: readonly Command[] = [
  { shell: "sh", text: "sudo iptables -S OUTPUT; sudo nft list ruleset" },
  {
    shell: "powershell",
    text: "Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True | Format-Table DisplayName, Profile",
  },
];

/**
 * Azure's own DNS answers every machine in a virtual network, whatever the ordinary rules say; only a rule on the tag
 * `AzurePlatformDNS`, a firewall on the machine or a route stops it. Elsewhere it never answers, which says nothing.
 */
export default defineProbe({
  id: "dns/azure-dns",
  title: "Azure's own DNS answers this machine",
  layer: "dns",
  docs: [docs, "https://learn.microsoft.com/azure/virtual-network/service-tags-overview"],
  needs: { paths, vantage, target, subnets: raw(subnets), groups: raw(networkSecurityGroups) },
  consequence: "Whether Azure's own DNS can be asked from here",
  reasons: {
    "dns-azure-dns-blocked": reason<Blocked>({
      severity: "error",
      title: `Queries to Azure's own DNS (${azureDnsAddress}) are blocked`,
      detail: ({ machine, rule }) =>
        `${azureDnsAddress} answers ${machine} for no name at all, although the machine is in a virtual network${rule === undefined ? "" : `; the rule "${rule}" denies AzurePlatformDNS`}.`,
      fix: ({ groupId, rule, sample, machine }) => {
        const group = parseArmId(groupId);
        const inGroup = group
          ? ["--subscription", group.subscriptionId, "--resource-group", group.resourceGroup, "--nsg-name", group.name]
          : [];
        return {
          summary:
            rule === undefined
              ? `Find what stops port 53 to ${azureDnsAddress} on ${machine}: a rule on the service tag AzurePlatformDNS, a firewall on the machine, or a route`
              : `Take the rule "${rule}", which denies AzurePlatformDNS, off the network security group, or narrow it`,
          commands: !group
            ? [az("network", "nsg", "list", "--output", "table"), ...local]
            : rule === undefined
              ? [az("network", "nsg", "rule", "list", ...inGroup), ...local]
              : [
                  az("network", "nsg", "rule", "show", ...inGroup, "--name", rule),
                  az("network", "nsg", "rule", "delete", ...inGroup, "--name", rule),
                ],
          warning: `Somebody may have denied it on purpose, so that machines ask a DNS server of their own: then set that server on the virtual network instead. A rule on the literal address ${azureDnsAddress} does not stop platform DNS; only the tag does. Firewalls on machines must let 53 (UDP and TCP), 80 and 32526 to it pass.`,
          takesEffect: "Within a minute",
          verify: [`dig @${azureDnsAddress} ${sample}`],
          docs,
        };
      },
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked"],
    }),
  },
  judge({ paths: all, vantage: here, target: { azureDns }, subnets: places, groups }, say) {
    const first = all[0];
    if (first === undefined) return say.skip("the workspace has no name to ask for", here.name);
    const answered = all.find(({ azure }) => azure.answer.outcome === "answered");
    if (answered) return say.pass(undefined, { subject: here.name, evidence: [dnsEvidence(answered.azure.answer)] });
    if (here.instance.is === "gap") return say.unknown(here.instance, { subject: here.name, matters: false });
    if (here.instance.is === "absent")
      return say.skip("this machine is no Azure VM, and Azure's own DNS answers only inside Azure", here.name);

    const around = [
      ...(valueOf(places) ?? [])
        .filter(({ id }) => sameId(id, here.subnetId))
        .map(({ is }) => valueOf(is)?.subnet.properties?.networkSecurityGroup?.id),
      ...(valueOf(here.interfaces) ?? []).map(({ properties }) => properties.networkSecurityGroup?.id),
    ].flatMap((id) => id ?? []);
    const denied = allSeen((valueOf(groups) ?? []).map(({ is }) => is))
      .filter(({ id }) => around.some((other) => sameId(other, id)))
      .flatMap((group) => rulesOf(group).map((rule) => ({ group, rule })))
      .find(
        ({ rule }) =>
          sameText(rule.direction, "Outbound") &&
          sameText(rule.access, "Deny") &&
          rule.destinations.some((tag) => sameText(tag, "AzurePlatformDNS")),
      );
    const asks = resolverServers(here).some(
      (server) => serverAddress(server) === azureDnsAddress || server === azureDns,
    );
    const groupId = denied?.group.id ?? around[0];
    const evidence: Evidence[] = [
      dnsEvidence(first.azure.answer, "an answer"),
      {
        kind: "dns",
        source: `dig @${azureDnsAddress}, ${all.length} names`,
        observed: "none was answered",
        expected: "answers, as anywhere in a virtual network",
      },
      ...(denied
        ? [armEvidence(denied.group.id, `securityRules/${denied.rule.name} access`, "Deny", "no such rule")]
        : []),
    ];
    return say.found("dns-azure-dns-blocked", {
      subject: denied?.group.id ?? `${azureDnsAddress}:53`,
      about: [...all.flatMap(({ name }) => [name.fqdn, name.alias]), `${azureDnsAddress}:53`],
      data: {
        machine: here.name,
        ...(groupId === undefined ? {} : { groupId }),
        ...(denied ? { rule: denied.rule.name } : {}),
        sample: first.name.fqdn,
      },
      evidence,
      ...(denied
        ? {}
        : {
            confidence: "likely" as const,
            inferredFrom: `${azureDnsAddress} is silent for every name to a machine in a virtual network; what stops it was not seen`,
          }),
      ruledOut: [
        { id: "dns-zone-not-linked", by: "an unlinked zone gives the public answer; here there is none" },
        ...(asks ? [{ id: "dns-custom-no-forwarder", by: "this machine asks Azure's own DNS itself" }] : []),
      ],
      // A machine that asks a DNS server of its own does not miss Azure's.
      ...(asks ? {} : { as: "warning" as const }),
    });
  },
});
