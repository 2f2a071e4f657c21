import { isPublicAddress } from "../../src/model/address.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { routeToTag, type Route } from "../../src/model/route-choice.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { placeOf } from "../../src/facts/endpoint-paths.ts";
import { firewallAt, firewalls } from "../../src/facts/firewalls.ts";
import { networkSecurityGroups, rulesOf } from "../../src/facts/network-security-groups.ts";
import { reaches } from "../../src/facts/reaches.ts";
import { names } from "../../src/facts/names.ts";
import { routesOf, routeTables } from "../../src/facts/route-tables.ts";
import { subnetPrefixes, subnets } from "../../src/facts/subnets.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet#forced-tunneling";

interface Lost {
  readonly tableId: string;
  readonly hop: string;
  readonly hosts: readonly string[];
  readonly accountId: string;
}

/**
 * Forced tunnelling leads the computes' traffic to an appliance or gateway whose rules cannot be read. This machine tells
 * what becomes of storage there only where it has the computes' own route table: then a public address of the account
 * that stays silent, with nothing else on the way that refuses it, is lost behind that hop. A machine with another route
 * table proves nothing about them.
 */
export default defineProbe({
  id: "network/forced-storage",
  title: "Storage answers over the route that the computes are forced onto",
  layer: "transport",
  docs: [docs],
  needs: {
    places: computeSubnets,
    subnets,
    tables: routeTables,
    groups: raw(networkSecurityGroups),
    firewalls,
    vantage,
    names,
    reaches,
  },
  consequence: "Whether an appliance on the computes' way out blocks storage",
  advisory: true,
  reasons: {
    "udr-onprem-appliance-blocks-storage": reason<Lost>({
      severity: "error",
      title: "Storage does not answer through the appliance that the computes' traffic is forced to",
      detail: ({ hop, hosts }) =>
        `${shortList(hosts)} ${hosts.length === 1 ? "stays" : "stay"} silent at ${hosts.length === 1 ? "its" : "their"} public address; the computes' route table leads there by way of ${hop}.`,
      fix: ({ tableId, hosts, accountId }) => {
        const table = parseArmId(tableId);
        return [
          {
            summary: `Have the appliance's owner let TCP 443 to ${hosts.join(", ")} through`,
            commands:
              table === undefined
                ? []
                : [
                    az(
                      "network",
                      "route-table",
                      "route",
                      "list",
                      "--subscription",
                      table.subscriptionId,
                      "--resource-group",
                      table.resourceGroup,
                      "--route-table-name",
                      table.name,
                      "--output",
                      "table",
                    ),
                  ],
            warning:
              "Computes also use storage of the service's own, whose names change: let *.blob, *.queue and *.table of Azure Storage through, or the Storage service tag.",
            verify: hosts.map((host) => `curl -sS -o /dev/null -w '%{http_code}\\n' https://${host}`),
            docs,
          },
          {
            summary: "Or lead the account's traffic past the appliance by a private endpoint in the computes' network",
            commands: [az("network", "private-endpoint-connection", "list", "--id", accountId)],
            warning: "It serves the workspace's account only, not the storage of the service's own.",
            verify: hosts.map((host) => `curl -sS -o /dev/null -w '%{http_code}\\n' https://${host}`),
            docs,
          },
        ];
      },
      causedBy: ["udr-forced-tunneling-breaks-compute"],
      rivals: ["nsg-jumpbox-outbound-blocked", "fw-missing-core-fqdns", "cv-tcp-443-to-pe-blocked"],
    }),
  },
  judge(
    { places, subnets: all, tables, groups, firewalls: known, vantage: here, names: every, reaches: dialled },
    say,
  ) {
    const own = placeOf(all, here.subnetId)?.subnet;
    const tableId = own?.properties?.routeTable?.id;
    const shared = places.filter(({ routeTable }) => sameId(valueOf(routeTable)?.id, tableId));
    const found = tables.find(({ id }) => sameId(id, tableId));
    const table = found && valueOf(found.is);
    if (own === undefined || tableId === undefined || table === undefined || shared.length === 0)
      return say.skip("this machine does not have the computes' route table", here.name);
    const internet: Route = { name: "default", prefix: "0.0.0.0/0", nextHop: "Internet", source: "default" };
    const region = shared[0]?.networkLocation?.toLowerCase().replaceAll(" ", "") ?? "";
    const tag = `Storage.${region}`;
    const route = routeToTag(tag, [internet, ...routesOf(table)]);
    const isBlind = (hop: Route): boolean =>
      sameText(hop.nextHop, "VirtualNetworkGateway") ||
      (sameText(hop.nextHop, "VirtualAppliance") && firewallAt(hop.nextHopAddress, known) === "other");
    const forced = typeof route === "object" && isBlind(route) ? route : undefined;
    if (
      forced === undefined ||
      (own.properties?.serviceEndpoints ?? []).some(({ service }) => /storage/i.test(service ?? ""))
    )
      return say.skip("storage is not led to an appliance whose rules cannot be read", tableId);
    const prefix = subnetPrefixes(own)[0];
    const guards = [
      own.properties?.networkSecurityGroup?.id,
      ...(valueOf(here.interfaces) ?? []).map(({ properties }) => properties.networkSecurityGroup?.id),
    ].flatMap((id) => (id === undefined ? [] : [(valueOf(groups) ?? []).find((each) => sameId(each.id, id))?.is]));
    const isFree = guards.every((guard) => {
      const group = guard && valueOf(guard);
      if (group === undefined || prefix === undefined) return false;
      const source = { prefix, inNetwork: true };
      const flow = { direction: "Outbound", protocol: "Tcp", source, destination: { tag }, port: 443 } as const;
      return judgeFlow(rulesOf(group), flow).access === "Allow";
    });
    if (!isFree) return say.skip("a group before this machine may keep it from storage", here.name);
    const hop = `${forced.nextHop}${forced.nextHopAddress === undefined ? "" : ` ${forced.nextHopAddress}`}`;
    const doors = every
      .filter(({ service }) => service === "blob" || service === "queue" || service === "table")
      .flatMap((name) => {
        const asked = dialled.find(({ fqdn }) => fqdn === name.fqdn);
        const reach = asked?.addresses.find(({ address }) => isPublicAddress(address));
        // Where a proxy is to be used, silence without it is meant.
        return reach === undefined || asked?.proxy !== undefined || name.expected.length > 0 ? [] : [{ name, reach }];
      });
    const byAccount = Map.groupBy(doors, ({ name }) => name.resourceId.toLowerCase());
    const verdicts = [...byAccount.values()].map((members): Verdict => {
      const silent = members.filter(({ reach }) => reach.tcp.outcome === "timeout");
      const first = silent[0];
      const accountId = members[0]?.name.resourceId ?? "";
      if (first === undefined) return say.pass(undefined, { subject: accountId });
      return say.found("udr-onprem-appliance-blocks-storage", {
        subject: accountId,
        about: [
          tableId,
          ...shared.flatMap(({ id, computes }) => [id, ...computes.map((each) => each.id)]),
          ...silent.map(({ name }) => name.fqdn),
        ],
        data: { tableId, hop, hosts: silent.map(({ name }) => name.fqdn), accountId },
        evidence: [
          armEvidence(tableId, `properties.routes "${forced.name}"`, `${forced.prefix} → ${hop}`),
          ...silent.slice(0, 3).map(({ reach }) => reachEvidence(reach, "open")),
        ],
        inferredFrom: "this machine's connections over the route table that the computes have too",
        ruledOut: [
          { id: "nsg-jumpbox-outbound-blocked", by: "no group around this machine refuses storage" },
          { id: "fw-missing-core-fqdns", by: "the next hop is no Azure Firewall" },
          { id: "cv-tcp-443-to-pe-blocked", by: "no private endpoint of the account serves these names" },
        ],
      });
    });
    return verdicts.length > 0 ? verdicts : say.skip("storage is not reached at public addresses from here", here.name);
  },
});
