import { azureDnsAddress } from "../../src/model/cloud.ts";
import { dnsEvidence, type Evidence } from "../../src/model/evidence.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command, type Remediation } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { dnsInfrastructure, type DnsServer } from "../../src/facts/dns-infrastructure.ts";
import { networks } from "../../src/facts/networks.ts";
import { answersProperly, paths, reachOf, type Path } from "../../src/facts/paths.ts";
import { privateZones, type PrivateZone } from "../../src/facts/private-zones.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns";
const scenarios = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns-integration";

interface ServerFault {
  readonly server: string;
  readonly inAzure: boolean;
  /** The public suffixes that the server has to forward. */
  readonly suffixes: readonly string[];
  readonly names: readonly string[];
  readonly sample: string;
}

/** The public suffix under which a name is forwarded: what stands behind the resource's own labels. */
function forwardSuffix({ name }: Path): string {
  const { fqdn, service } = name;
  switch (service) {
    case "workspace-api":
    case "workspace-cert":
      return fqdn.split(".").slice(service === "workspace-cert" ? 4 : 3).join(".");
    case "notebooks":
    case "inference":
      return fqdn.split(".").slice(2).join(".");
    case "registry-data":
      return fqdn.split(".").slice(3).join(".");
    case "key-vault":
    case "registry":
    case "blob":
    case "file":
    case "queue":
    case "table":
    case "dfs":
      return fqdn.split(".").slice(1).join(".");
  }
}

function forwarders({ server, inAzure, suffixes, sample }: ServerFault): Remediation {
  const [address = server] = server.split(":");
  const target = azureDnsAddress;
  const windows = suffixes.map((suffix): Command => ({ shell: "powershell", text: `Add-DnsServerConditionalForwarderZone -Name '${suffix}' -MasterServers ${target}` }));
  const unbound: Command = { shell: "sh", text: `printf '${suffixes.map((suffix) => `forward-zone:\\n  name: "${suffix}"\\n  forward-addr: ${target}\\n`).join("")}' | sudo tee /etc/unbound/unbound.conf.d/azure-machine-learning.conf && sudo unbound-control reload` };
  return inAzure
    ? {
        summary: `On the DNS server ${address}, forward ${suffixes.join(", ")} to ${target} (the commands for Windows DNS, then for unbound)`,
        commands: [...windows, unbound],
        warning: `Forward the public suffixes themselves: forwarding only privatelink.* is not enough. ${target} answers only machines inside an Azure virtual network.`,
        takesEffect: "At once, plus the TTL of what the server and its clients have cached",
        verify: [`dig @${address} ${sample}`, `dig @${target} ${sample}`],
        docs,
      }
    : {
        summary: `On the DNS server ${address}, forward ${suffixes.join(", ")} to a DNS server inside the virtual network (an Azure DNS Private Resolver's inbound endpoint, or a DNS VM that forwards to ${target})`,
        commands: [az("network", "vnet", "list", "--query", "[].{name:name,dns:dhcpOptions.dnsServers}")],
        warning: `${target} does not answer a server outside Azure: do not forward to it directly.`,
        takesEffect: "At once, plus the TTL of what the server and its clients have cached",
        verify: [`dig @${address} ${sample}`],
        docs: scenarios,
      };
}

/**
 * A DNS server of this machine's configuration that answers otherwise than Azure's own DNS does from here. Azure DNS
 * answering with the private endpoint's address proves zones, links and records for this network; what is left is the
 * server in between. The ways in which it can be wrong look alike from outside and are told apart one by one:
 * its network not linked to the zone, a firewall's proxy with another upstream, forwarding of `privatelink.*` alone,
 * forwarding of everything but `inference`, no forwarding at all, no answer at all.
 */
export default defineProbe({
  id: "dns/custom-resolver",
  title: "The DNS servers of this machine answer as Azure DNS does",
  layer: "dns",
  docs: [docs, scenarios],
  needs: { paths, vantage, infrastructure: raw(dnsInfrastructure), zones: raw(privateZones), networks: maybe(networks) },
  consequence: "Whether this machine's DNS servers forward the private names",
  reasons: {
    "dns-custom-no-forwarder": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server does not forward the workspace's names to Azure DNS",
      detail: ({ server, suffixes, names }) => `${server} gives no private address for ${shortList(names)}. Not forwarded: ${suffixes.join(", ")}.`,
      fix: forwarders,
      rivals: ["dns-zone-not-linked", "dns-zone-not-linked-to-resolver-vnet", "dns-forwarder-privatelink-only", "infdns-forwarder-missing"],
    }),
    "infdns-forwarder-missing": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server forwards the workspace's names but not those of online endpoints",
      detail: ({ server, suffixes }) => `${server} forwards the workspace API and not ${suffixes.join(", ")}.`,
      fix: forwarders,
      rivals: ["dns-custom-no-forwarder", "infdns-a-record-missing"],
    }),
    "dns-forwarder-privatelink-only": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server forwards only the privatelink names and finishes the public ones by itself",
      detail: ({ server, names }) => `${server} resolves the privatelink alias privately and the public name publicly: ${shortList(names)}.`,
      fix: forwarders,
      rivals: ["dns-custom-no-forwarder"],
    }),
    "dns-zone-not-linked-to-resolver-vnet": reason<ServerFault & { vnetId: string; zoneIds: string[] }>({
      severity: "error",
      title: "The private DNS zone is not linked to the virtual network of the DNS server that asks Azure DNS",
      detail: ({ server, vnetId, zoneIds }) => `${server} stands in ${vnetId}; no link of ${shortList(zoneIds.map((id) => id.split("/").at(-1) ?? id))} leads there, so Azure DNS answers it publicly.`,
      fix: ({ vnetId, zoneIds, server, sample }) => ({
        summary: `Link the zones to the network of the DNS server (${vnetId.split("/").at(-1) ?? vnetId})`,
        commands: zoneIds.map((id) => {
          const [, , subscriptionId = "", , group = ""] = id.split("/");
          return az("network", "private-dns", "link", "vnet", "create", "--subscription", subscriptionId, "--resource-group", group, "--zone-name", id.split("/").at(-1) ?? "", "--name", `link-${vnetId.split("/").at(-1) ?? "vnet"}`, "--virtual-network", vnetId, "--registration-enabled", "false");
        }),
        warning: "A virtual network can be linked to one zone of a name only.",
        takesEffect: "Within a few minutes, plus the TTL of cached answers",
        verify: [`dig @${server.split(":")[0] ?? server} ${sample}`],
        docs: scenarios,
      }),
      rivals: ["dns-custom-no-forwarder", "dns-proxy-upstream-not-azure-dns"],
    }),
    "dns-proxy-upstream-not-azure-dns": reason<ServerFault & { firewallId: string; policyId: string; upstream: string[] }>({
      severity: "error",
      title: "The network's DNS is a firewall's DNS proxy whose upstream is not Azure DNS",
      detail: ({ server, upstream }) => `${server} is the firewall's DNS proxy; its policy asks ${upstream.join(", ")}, not ${azureDnsAddress}.`,
      fix: ({ policyId, server, sample }) => {
        const [, , subscriptionId = "", , group = ""] = policyId.split("/");
        return {
          summary: `Let the firewall's DNS proxy ask Azure DNS (${azureDnsAddress}), or a resolver whose network is linked to the zones`,
          commands: [az("network", "firewall", "policy", "update", "--subscription", subscriptionId, "--resource-group", group, "--name", policyId.split("/").at(-1) ?? "", "--dns-servers", azureDnsAddress, "--enable-dns-proxy", "true")],
          warning: "Every client of the firewall's DNS proxy is affected. If the present upstream serves names of your own, give it a forwarder to Azure DNS instead. Needs the azure-firewall extension of the CLI.",
          takesEffect: "Within a few minutes",
          verify: [`dig @${server.split(":")[0] ?? server} ${sample}`],
          docs: "https://learn.microsoft.com/azure/firewall/dns-settings",
        };
      },
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked-to-resolver-vnet"],
    }),
    "dns-client-not-using-vnet-dns": reason<ServerFault & { configured: string[] }>({
      severity: "error",
      title: "This machine does not ask the DNS servers of its virtual network",
      detail: ({ server, configured }) => `It asks ${server}; its network's DNS is ${configured.join(", ")}.`,
      fix: ({ configured, sample }) => ({
        summary: `Let the machine use its network's DNS (${configured.join(", ")}): take the hand-set servers out of its configuration and renew its lease, or restart it`,
        commands: [
          { shell: "sh", text: "resolvectl status; cat /etc/resolv.conf" },
          { shell: "powershell", text: "Get-DnsClientServerAddress -AddressFamily IPv4" },
        ],
        warning: "A VPN client or a security agent may set the servers again.",
        takesEffect: "After the lease is renewed",
        verify: [`nslookup ${sample}`],
        docs: "https://learn.microsoft.com/azure/virtual-network/virtual-networks-name-resolution-for-vms-and-role-instances",
      }),
      rivals: ["dns-custom-no-forwarder", "dns-zone-not-linked"],
    }),
    "dns-forwarder-queries-168-from-onprem": reason<ServerFault>({
      severity: "error",
      title: "The custom DNS server gets no answer from where it forwards the workspace's names to",
      detail: ({ server, names }) => `${server} answers other questions, and for ${shortList(names)} times out or fails.`,
      fix: forwarders,
      rivals: ["dns-custom-no-forwarder"],
    }),
    "dns-split-zone-authoritative": reason<ServerFault & { zone: string }>({
      severity: "error",
      title: "The custom DNS server claims the public suffix for itself and denies every name that it was not given",
      detail: ({ server, zone, names }) => `${server} is authoritative for ${zone} and denies ${shortList(names)}.`,
      fix: ({ server, zone, sample }) => ({
        summary: `Take the zone ${zone} off the DNS server ${server.split(":")[0] ?? server} and forward it to Azure DNS instead`,
        commands: [
          { shell: "powershell", text: `Export-DnsServerZone -Name '${zone}' -FileName '${zone}.backup.dns'` },
          { shell: "powershell", text: `Remove-DnsServerZone -Name '${zone}'` },
          { shell: "powershell", text: `Add-DnsServerConditionalForwarderZone -Name '${zone}' -MasterServers ${azureDnsAddress}` },
        ],
        warning: "Names that live only in that zone stop resolving: see to it that the private zones have them first.",
        takesEffect: "At once, plus the TTL of cached answers",
        verify: [`dig @${server.split(":")[0] ?? server} ${sample}`],
        docs,
      }),
      rivals: ["dns-custom-no-forwarder", "infdns-a-record-missing"],
    }),
  },
  judge({ paths: all, vantage: here, infrastructure, zones, networks: known }, say) {
    if (here.resolvers.is === "gap") return say.unknown(here.resolvers, { subject: here.name });
    const wanted = all.filter((path) => path.needsPrivate);
    if (wanted.length === 0) return say.skip("no name of this workspace has to resolve to a private address", here.name);
    const server = valueOf(infrastructure)?.servers[0];
    if (server === undefined) return infrastructure.is === "gap" ? say.unknown(infrastructure, { subject: here.name }) : say.skip("this machine has no DNS server configured", here.name);
    if (server.isAzureDns) return say.skip("this machine asks Azure DNS itself", server.server);

    const answered = wanted.flatMap((path) => (path.resolvers[0] === undefined ? [] : [{ path, ...path.resolvers[0] }]));
    const good = (path: Path, relation: string, addresses: readonly string[]): boolean =>
      relation === "expected" || (relation === "other-private" && addresses.every((address) => answersProperly(reachOf(path, address))));
    const bad = answered.filter(({ path, relation, answer }) => !good(path, relation, answer.addresses));
    if (bad.length === 0) return say.pass(undefined, { subject: server.server, evidence: answered.slice(0, 1).map(({ answer }) => dnsEvidence(answer)) });

    // Azure DNS, asked from here, is the measure. Where it gives no private address either, zones and records are at fault.
    const provable = bad.filter(({ path }) => good(path, path.azure.relation, path.azure.answer.addresses));
    const unasked = bad.filter(({ path }) => path.azure.relation === "no-answer");
    const reachable = (path: Path): boolean => path.name.expected.some(({ address }) => reachOf(path, address)?.tcp.outcome === "open");
    const blamed = provable.length > 0 ? provable : unasked.filter(({ path }) => reachable(path));
    const first = blamed[0];
    if (first === undefined) {
      return provable.length === 0 && unasked.length > 0
        ? say.skip("Azure DNS does not answer here, so there is nothing to hold this server against; its network position decides", server.server)
        : say.skip("Azure DNS gives no private address here either: zones and records are looked at by themselves", server.server);
    }
    const fault: ServerFault = {
      server: server.server,
      inAzure: server.vnetId !== undefined,
      suffixes: [...new Set(blamed.map(({ path }) => forwardSuffix(path)))].sort(),
      names: blamed.map(({ path }) => path.name.fqdn),
      sample: first.path.name.fqdn,
    };
    const about = [...blamed.map(({ path }) => path.name.fqdn), ...blamed.map(({ path }) => path.name.alias), server.address];
    const expected = first.path.name.expected.map(({ address }) => address).join(", ");
    const evidence: Evidence[] = [dnsEvidence(first.answer, expected), dnsEvidence(first.path.azure.answer, expected)];
    const unproven = provable.length === 0 ? { confidence: "likely" as const, inferredFrom: "the private endpoint answers here and this server does not know its address; Azure DNS cannot be asked from here" } : {};
    const linked = { id: "dns-zone-not-linked", by: "Azure DNS gives this network the private address, so zone, link and record are sound" };
    const subject = `${server.address}:53`;
    const found = { subject, about, evidence, ...unproven };

    // This machine is in a network whose own DNS is another one.
    const network = here.vnetId === undefined ? undefined : valueOf(known?.find(({ id }) => sameId(id, here.vnetId))?.network ?? { is: "absent" });
    const configured = network === undefined ? undefined : (network.properties.dhcpOptions?.dnsServers ?? []);
    const ownServers = (valueOf(here.interfaces) ?? []).flatMap((nic) => nic.properties.dnsSettings?.dnsServers ?? []);
    if (configured !== undefined && !configured.includes(server.address) && !ownServers.includes(server.address) && (configured.length === 0 || configured.includes(azureDnsAddress)) && provable.length > 0) {
      return say.found("dns-client-not-using-vnet-dns", {
        ...found,
        subject: here.name,
        about: [...about, subject],
        data: { ...fault, configured: configured.length === 0 ? [azureDnsAddress] : configured },
        evidence: [...evidence, { kind: "arm", source: `${here.vnetId ?? ""} properties.dhcpOptions.dnsServers`, observed: configured.join(", ") || `none: Azure DNS`, expected: server.address }],
        ruledOut: [linked, { id: "dns-custom-no-forwarder", by: `${server.address} is not a DNS server of this network` }],
      });
    }

    if (server.firewall) {
      const policy = valueOf(server.firewall.policy);
      const upstream = policy?.properties.dnsSettings?.servers ?? [];
      if (policy && upstream.length > 0 && !upstream.includes(azureDnsAddress)) {
        return say.found("dns-proxy-upstream-not-azure-dns", {
          ...found,
          subject: policy.id,
          about: [...about, subject, server.firewall.id],
          data: { ...fault, firewallId: server.firewall.id, policyId: policy.id, upstream },
          evidence: [...evidence, { kind: "arm", source: `${policy.id} properties.dnsSettings.servers`, observed: upstream.join(", "), expected: azureDnsAddress }],
          ruledOut: [linked, { id: "dns-custom-no-forwarder", by: "the server is an Azure Firewall's DNS proxy, which has no forwarders of its own" }],
        });
      }
    }

    const failing = blamed.filter(({ relation }) => relation === "no-answer");
    if (failing.length === blamed.length) {
      // A lost packet is no fault: silence counts only when no name at all is answered, or the server itself says that it failed.
      const lost = failing.every(({ answer }) => answer.outcome !== "answered") && answered.some(({ answer }) => answer.outcome === "answered");
      if (lost) return say.unknown(`${server.address} did not answer for ${shortList(fault.names)}, and does for other names`, { subject });
      return say.found("dns-forwarder-queries-168-from-onprem", {
        ...found,
        data: fault,
        confidence: "likely",
        inferredFrom: server.vnetId === undefined ? "the server stands in no network that we can read and fails on these names only after trying" : "the server gives no sound answer for these names while Azure DNS does",
        ruledOut: [linked, { id: "dns-custom-no-forwarder", by: "a server without a forwarder would answer publicly" }],
      });
    }
    const half = blamed.filter(({ path }) => path.alias !== undefined && good(path, path.alias.relation, path.alias.answer.addresses));
    if (half.length > 0 && half.length === blamed.filter(({ relation }) => relation !== "no-answer").length) {
      const alias = half[0]?.path.alias;
      return say.found("dns-forwarder-privatelink-only", {
        ...found,
        data: fault,
        evidence: [...evidence, ...(alias ? [dnsEvidence(alias.answer, expected)] : [])],
        ruledOut: [linked, { id: "dns-custom-no-forwarder", by: "the server does resolve the privatelink alias privately" }],
      });
    }
    const unlinked = unlinkedZones(server, blamed.map(({ path }) => path), valueOf(zones)?.zones ?? []);
    if (unlinked.is === "found") {
      return say.found("dns-zone-not-linked-to-resolver-vnet", {
        ...found,
        about: [...about, ...unlinked.zoneIds],
        data: { ...fault, vnetId: unlinked.vnetId, zoneIds: unlinked.zoneIds },
        evidence: [...evidence, { kind: "arm", source: `${unlinked.zoneIds[0] ?? ""}/virtualNetworkLinks`, observed: "no link to the DNS server's network", expected: `a link to ${unlinked.vnetId}` }],
        ruledOut: [
          { id: "dns-zone-not-linked", by: "the zone is linked to this machine's own network" },
          { id: "dns-custom-no-forwarder", by: "without the link, a forwarder to Azure DNS would get the public answer too" },
        ],
      });
    }
    const denied = blamed.find(({ answer, path }) => answer.rcode === "NXDOMAIN" && answer.chain.length === 1 && answer.soa !== undefined && isPublicSuffixOf(answer.soa.zone, path));
    if (denied?.answer.soa) {
      return say.found("dns-split-zone-authoritative", {
        ...found,
        data: { ...fault, zone: denied.answer.soa.zone },
        evidence: [dnsEvidence(denied.answer, expected), dnsEvidence(denied.path.azure.answer)],
        ruledOut: [linked, { id: "dns-custom-no-forwarder", by: `the denial carries the SOA of ${denied.answer.soa.zone}: the server answers for the zone itself` }],
      });
    }
    const inferenceOnly = blamed.every(({ path }) => path.name.service === "inference") && answered.some(({ path, relation }) => path.name.service === "workspace-api" && relation === "expected");
    return say.found(inferenceOnly ? "infdns-forwarder-missing" : "dns-custom-no-forwarder", {
      ...found,
      data: fault,
      ruledOut: [
        ...(provable.length > 0 ? [linked] : []),
        ...(unlinked.is === "linked" ? [{ id: "dns-zone-not-linked-to-resolver-vnet", by: "the zones are linked to the DNS server's network" }] : []),
        { id: "dns-forwarder-privatelink-only", by: "the server does not resolve the privatelink alias privately either" },
        ...(inferenceOnly ? [] : [{ id: "infdns-forwarder-missing", by: "names other than those of online endpoints are affected too" }]),
      ],
    });
  },
});

function isPublicSuffixOf(zone: string, path: Path): boolean {
  return !zone.startsWith("privatelink.") && zone.split(".").length >= 2 && path.name.fqdn.endsWith(`.${zone.toLowerCase()}`);
}

/** Whether the zones that hold the names are linked to the DNS server's own network. Links that cannot be read, and a
 * server whose network is not known, leave it open. */
function unlinkedZones(
  server: DnsServer,
  affected: readonly Path[],
  zones: readonly PrivateZone[],
): { is: "found"; vnetId: string; zoneIds: string[] } | { is: "linked" } | { is: "unknown" } {
  const { vnetId } = server;
  if (vnetId === undefined) return { is: "unknown" };
  const wanted = new Set(affected.map(({ name }) => name.zone));
  const holding = zones.filter(({ name }) => wanted.has(name));
  if (holding.length === 0 || holding.some(({ links }) => links.is !== "value")) return { is: "unknown" };
  const isLinked = ({ links }: PrivateZone): boolean =>
    (valueOf(links) ?? []).some(({ properties }) => sameId(properties?.virtualNetwork?.id, vnetId) && sameText(properties?.virtualNetworkLinkState, "Completed"));
  const unlinked = [...wanted].filter((name) => !holding.some((zone) => zone.name === name && isLinked(zone)));
  // Every name that is wrong must be explained: one whose zone is linked is wrong for another reason.
  if (unlinked.length !== wanted.size) return { is: "linked" };
  return { is: "found", vnetId, zoneIds: holding.map(({ id }) => id) };
}
