import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { parseArmId, parentId, sameId } from "../../src/model/arm-id.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import { letOut, namedRefused, refusedDetail, refusedPorts, type Refused } from "../../src/model/outbound-remedy.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { endpointPaths } from "../../src/facts/endpoint-paths.ts";
import { kubernetesScoring } from "../../src/facts/kubernetes-scoring.ts";
import { machineRefusals } from "../../src/facts/machine-refusals.ts";
import { networkSecurityGroups } from "../../src/facts/network-security-groups.ts";
import { paths, reachOf, type Path } from "../../src/facts/paths.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { connectionStatus } from "../../src/facts/reachability.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/private-link/troubleshoot-private-endpoint-connectivity";

const networkOf = (subnetId: string | undefined): string => parentId(subnetId ?? "").toLowerCase();

/** The networks of which no private endpoint's address takes a connection: what shuts them all stands on the way there. */
function shutNetworks(all: readonly Path[]): ReadonlySet<string> {
  const open = new Set<string>();
  const silent = new Set<string>();
  for (const path of all)
    for (const { address, subnetId } of path.name.expected) {
      const outcome = reachOf(path, address)?.tcp.outcome;
      if (outcome !== undefined) (outcome === "open" ? open : silent).add(networkOf(subnetId));
    }
  return new Set([...silent].filter((network) => !open.has(network)));
}

/**
 * Whether the private endpoints' own addresses take a connection on port 443. They are dialled by address, so DNS has no
 * part in it: what is left are the connection's approval, rules, routes, and the network position. An endpoint that is
 * not approved drops everything, which looks just like a firewall. Endpoints that a network security group around this
 * machine refuses are one fault, the group's.
 */
export default defineProbe({
  id: "client/tcp",
  title: "The private endpoints take connections on port 443",
  layer: "transport",
  docs: [docs],
  needs: {
    paths,
    vantage,
    privateEndpoints,
    targets: raw(endpointPaths),
    routers: raw(kubernetesScoring),
    subnets: raw(subnets),
    groups: raw(networkSecurityGroups),
  },
  consequence: "Whether the private endpoints can be connected to",
  reasons: {
    "cv-tcp-443-to-pe-blocked": reason<{
      address: string;
      fqdn: string;
      outcome: string;
      nicId?: string;
      vmId?: string;
      vnetId?: string;
      /** Set when rules around this machine are what blocks them. */
      refused?: Refused;
    }>({
      severity: "error",
      title: "Connections to a private endpoint on port 443 are blocked",
      detail: ({ address, fqdn, outcome, refused }) =>
        refused === undefined
          ? `${address}:443, the private endpoint's own address for ${fqdn}: ${outcome}.`
          : refusedDetail(refused),
      fix({ address, nicId, vmId, refused }) {
        if (refused !== undefined) return letOut(refused);
        const nic = parseArmId(nicId);
        const at = nic ? ["--subscription", nic.subscriptionId, "--resource-group", nic.resourceGroup] : [];
        return {
          summary: `Find the rule or route between this machine and ${address} that drops port 443, and allow it`,
          commands: [
            ...(nic
              ? [
                  az("network", "nic", "list-effective-nsg", ...at, "--name", nic.name),
                  az("network", "nic", "show-effective-route-table", ...at, "--name", nic.name),
                ]
              : []),
            ...(vmId
              ? [
                  az(
                    "network",
                    "watcher",
                    "test-connectivity",
                    "--source-resource",
                    vmId,
                    "--dest-address",
                    address,
                    "--dest-port",
                    "443",
                  ),
                ]
              : []),
            { shell: "sh" as const, text: `nc -vz -w 5 ${address} 443` },
          ],
          warning:
            "Look for: a network security group on this machine's or the private endpoint's subnet (it counts where privateEndpointNetworkPolicies is enabled), a route through an appliance that does not send answers back, and this machine's own firewall.",
          verify: [`nc -vz -w 5 ${address} 443`],
          docs,
        };
      },
      causedBy: [
        "pe-shared-zone-record-overwrite",
        "dns-client-cache-stale",
        "pe-connection-not-approved",
        "pe-provisioning-failed-or-stale-object",
        "cv-client-outside-vnet",
        "cv-peering-or-connectivity-missing",
        "pe-not-reachable-from-client-vnet",
        "pe-network-policies-block-traffic",
        "udr-routes-pe-through-nva",
        "kv-pe-not-approved",
        "kv-no-pe-in-client-vnet",
        "st-pe-not-approved",
        "st-no-blob-pe",
        "st-no-file-pe",
        "st-no-dfs-pe",
        "acr-no-private-endpoint",
      ],
      rivals: ["pe-connection-not-approved", "dns-record-stale"],
    }),
  },
  judge({ paths: all, vantage: here, privateEndpoints: known, ...others }, say) {
    const wanted = all.filter((path) => path.needsPrivate);
    if (wanted.length === 0) return say.skip("no private endpoint has to be reached from here", here.name);
    const around = machineRefusals({
      targets: valueOf(others.targets) ?? [],
      routers: valueOf(others.routers) ?? [],
      subnets: valueOf(others.subnets) ?? [],
      groups: valueOf(others.groups) ?? [],
      vantage: here,
    });
    const refusals = allSeen(around.map(({ is }) => is)).filter(({ silent }) => silent.some((one) => one.isEndpoint));
    const nicId = valueOf(here.interfaces)?.[0]?.id;
    const vmId = valueOf(here.instance)?.resourceId;
    const seenAddresses = new Set<string>();
    const shut = shutNetworks(wanted);
    const told = new Set<(typeof refusals)[number]>();
    const refuse = (refusal: (typeof refusals)[number], fqdn: string): Verdict => {
      told.add(refusal);
      const { refused, silent } = refusal;
      const endpoints = silent.filter((one) => one.isEndpoint);
      return say.found("cv-tcp-443-to-pe-blocked", {
        subject: refused.groupId,
        about: [here.subnetId ?? "", ...silent.flatMap(({ topics }) => topics)],
        data: { address: refused.blocked[0]?.address ?? "", fqdn, outcome: "refused", refused },
        evidence: [
          armEvidence(
            refused.groupId,
            `properties.securityRules "${refused.rule ?? "default"}"`,
            `refuses TCP ${refusedPorts(refused).join(" and ")} to ${namedRefused(refused)}`,
            "allowed",
          ),
          ...endpoints.slice(0, 3).map(({ reach }) => reachEvidence(reach, "open")),
        ],
        ruledOut: [{ id: "pe-connection-not-approved", by: "the connections are Approved" }],
      });
    };
    return wanted.flatMap((path): Verdict[] => {
      const open = path.name.expected.some(({ address }) => reachOf(path, address)?.tcp.outcome === "open");
      return path.name.expected.flatMap((expected): Verdict[] => {
        const { address, privateEndpointId, subnetId } = expected;
        const key = `${address}:443`;
        if (seenAddresses.has(key)) return [];
        seenAddresses.add(key);
        const reach = reachOf(path, address);
        if (reach === undefined) return [];
        const subject = key;
        const refusal = refusals.find(({ refused }) => refused.blocked.some((one) => one.address === address));
        if (reach.tcp.outcome === "open")
          return [say.pass(`${address}:443 takes connections`, { subject, evidence: [reachEvidence(reach)] })];
        // Somebody else's way to the same resource, from a network that this machine is not in: nothing here leads there.
        const isOurs = path.system.addresses.includes(address) || (subnetId && sameId(parentId(subnetId), here.vnetId));
        if (open && !isOurs)
          return [say.skip("an endpoint for another network; this machine uses one that takes connections", subject)];
        if (refusal !== undefined && !open) return told.has(refusal) ? [] : [refuse(refusal, path.name.fqdn)];
        const entry = known.entries.find(({ id }) => sameId(id, privateEndpointId));
        const status = entry && connectionStatus(entry);
        return [
          say.found("cv-tcp-443-to-pe-blocked", {
            subject,
            about: [
              path.name.fqdn,
              ...all
                .filter((other) => other.name.expected.some((one) => one.address === address))
                .map((other) => other.name.fqdn),
              privateEndpointId,
              path.name.resourceId,
            ],
            data: {
              address,
              fqdn: path.name.fqdn,
              outcome: reach.tcp.outcome,
              ...(nicId === undefined ? {} : { nicId }),
              ...(vmId === undefined ? {} : { vmId }),
              ...(subnetId === undefined ? {} : { vnetId: parentId(subnetId) }),
            },
            evidence: [reachEvidence(reach, "open")],
            ruledOut: [
              ...(sameText(status, "Approved")
                ? [{ id: "pe-connection-not-approved", by: "the connection is Approved" }]
                : []),
              { id: "dns-record-stale", by: "the address is the private endpoint's own, not what DNS said" },
            ],
            ...(shut.has(networkOf(subnetId)) ? { alike: `${networkOf(subnetId)} ${reach.tcp.outcome}` } : {}),
            // Another endpoint of the same resource serves the name here.
            ...(open ? { as: "warning" as const } : {}),
          }),
        ];
      });
    });
  },
});
