import * as z from "zod";
import { parentId, sameId } from "../model/arm-id.ts";
import type { CloudName } from "../model/cloud.ts";
import { defineFact, raw } from "../model/fact.ts";
import { judgeFirewall } from "../model/firewall-rules.ts";
import { judgeFlow, type Flow, type Place } from "../model/network-rules.ts";
import { gapAt, seen, valueOf } from "../model/observation.ts";
import { packageHosts, requiredEgress, type RequiredEgress } from "../model/required-egress.ts";
import { routeToTag, type Route } from "../model/route-choice.ts";
import { sameText } from "../model/text.ts";
import { computeSubnets, type ComputeSubnet } from "./compute-subnets.ts";
import { firewallAt, firewalls } from "./firewalls.ts";
import { names } from "./names.ts";
import type { Name } from "./name.ts";
import { rulesOf } from "./network-security-groups.ts";
import { routesOf } from "./route-tables.ts";
import { subnetPrefixes } from "./subnets.ts";
import { target } from "./target.ts";
import { workspace } from "./workspace.ts";

const uses = z.enum(["core", "files", "interactive", "monitoring", "studio", "keys", "packages"]);
const access = z.enum(["Allow", "Deny", "unknown"]);

const checked = z.object({
  need: z.object({
    use: uses,
    tag: z.string(),
    protocol: z.enum(["Tcp", "Udp"]),
    port: z.number(),
    hosts: z.array(z.string()),
    purpose: z.string(),
  }),
  /** What the subnet's network security group does with it; `Allow` where there is none. */
  group: access,
  /** The rule of the group that decides. */
  rule: z.string().optional(),
  /** What the Azure Firewall on the way does; absent when none is on the way, or the appliance is another one. */
  firewall: z
    .object({
      id: z.string(),
      policyId: z.string().optional(),
      access,
      missingHosts: z.array(z.string()),
      wrongKind: z.string().optional(),
    })
    .optional(),
});
export type CheckedEgress = z.infer<typeof checked>;

const egress = z.object({
  subnetId: z.string(),
  groupId: z.string().optional(),
  needs: z.array(checked),
  /** Private endpoint addresses that the group keeps the computes from, on port 443. */
  blockedEndpoints: z.array(z.object({ address: z.string(), fqdn: z.string(), rule: z.string().optional() })),
  /** Next hop of the default route. */
  nextHop: z.string(),
});
export type ComputeEgress = z.infer<typeof egress>;

/** Azure's own default route, which every subnet has. */
const internet: Route = { name: "default", prefix: "0.0.0.0/0", nextHop: "Internet", source: "default" };

/** A service endpoint takes its service's traffic past every route. */
function bypassesRoutes(subnet: ComputeSubnet["subnet"], tag: string): boolean {
  const service = /^Storage\b/i.test(tag)
    ? "Microsoft.Storage"
    : /^AzureKeyVault\b/i.test(tag)
      ? "Microsoft.KeyVault"
      : undefined;
  return (valueOf(subnet)?.properties?.serviceEndpoints ?? []).some(
    (endpoint) => service !== undefined && (endpoint.service ?? "").toLowerCase().startsWith(service.toLowerCase()),
  );
}

/**
 * What the definitions of groups, routes and firewalls let the computes of each subnet reach. Subnets whose rules cannot be
 * read are left out; `computeSubnets` has their gaps. Routes that a gateway announces are not seen.
 */
export const computeEgress = defineFact({
  key: "derived/compute-egress",
  needs: { target, workspace, subnets: computeSubnets, firewalls, names: raw(names) },
  reads: [],
  schema: z.array(egress),
  collect({ target: { cloud }, workspace: { location, properties }, subnets, firewalls: known, names: all }) {
    const region = location?.toLowerCase().replaceAll(" ", "");
    if (!region)
      return gapAt("workspace location", {
        gap: "error",
        code: "no-location",
        message: "the workspace does not say its region",
      });
    const packages: RequiredEgress = {
      use: "packages",
      tag: "Internet",
      protocol: "Tcp",
      port: 443,
      hosts: packageHosts,
      purpose: "packages for environments",
    };
    const wanted = [...requiredEgress(region, cloud as CloudName, properties.hbiWorkspace === true), packages];
    return seen(
      subnets.flatMap((place): ComputeEgress[] => {
        const subnet = valueOf(place.subnet);
        const source = subnet === undefined ? undefined : subnetPrefixes(subnet)[0];
        if (source === undefined || place.securityGroup.is === "gap" || place.routeTable.is === "gap") return [];
        const group = valueOf(place.securityGroup);
        const rules = group === undefined ? undefined : rulesOf(group);
        const routes = [internet, ...(place.routeTable.is === "value" ? routesOf(place.routeTable.value) : [])];
        const through = (destination: Place, protocol: Flow["protocol"], port: number) =>
          rules === undefined
            ? { access: "Allow" as const }
            : judgeFlow(rules, {
                direction: "Outbound",
                protocol,
                source: { prefix: source, inNetwork: true },
                destination,
                port,
              });
        const endpoints = near(valueOf(all) ?? [], place.id);
        const needs = wanted.map((need): CheckedEgress => {
          let byGroup = through({ tag: need.tag }, need.protocol, need.port);
          // A file share behind a private endpoint is reached there.
          const shares = need.use === "files" ? endpoints.filter(({ service }) => service === "file") : [];
          if (
            byGroup.access !== "Allow" &&
            shares.some(
              ({ address }) =>
                through({ prefix: address, inNetwork: true }, need.protocol, need.port).access !== "Deny",
            )
          )
            byGroup = { access: "Allow" };
          const route = bypassesRoutes(place.subnet, need.tag) ? undefined : routeToTag(need.tag, routes);
          const firewall =
            route !== undefined && route !== "unknown" && sameText(route.nextHop, "VirtualAppliance")
              ? firewallAt(route.nextHopAddress, known)
              : undefined;
          return {
            need: { ...need, hosts: [...need.hosts] },
            group: byGroup.access,
            ...(byGroup.rule === undefined ? {} : { rule: byGroup.rule.name }),
            // Shares are reached inside of the network, past the firewall, unless there is no endpoint.
            ...(firewall === undefined || typeof firewall === "string" || shares.length > 0
              ? {}
              : { firewall: behind(firewall, { ...need, source }) }),
          };
        });
        const blockedEndpoints = endpoints.flatMap(({ address, fqdn }) => {
          const verdict = through({ prefix: address, inNetwork: true }, "Tcp", 443);
          return verdict.access === "Deny"
            ? [{ address, fqdn, ...(verdict.rule === undefined ? {} : { rule: verdict.rule.name }) }]
            : [];
        });
        const nextHop = routeToTag("Internet", routes);
        return [
          {
            subnetId: place.id,
            ...(group === undefined ? {} : { groupId: group.id }),
            needs,
            blockedEndpoints,
            nextHop: typeof nextHop === "object" ? nextHop.nextHop : "Internet",
          },
        ];
      }),
    );
  },
});

function behind(
  firewall: Exclude<ReturnType<typeof firewallAt>, string>,
  flow: RequiredEgress & { source: string },
): NonNullable<CheckedEgress["firewall"]> {
  const place = { id: firewall.id, ...(firewall.policyId === undefined ? {} : { policyId: firewall.policyId }) };
  if (firewall.rules.is !== "value") return { ...place, access: "unknown", missingHosts: [] };
  const { access: verdict, missingHosts, wrongKind } = judgeFirewall(firewall.rules.value, flow);
  return {
    ...place,
    access: verdict,
    missingHosts: [...missingHosts],
    ...(wrongKind === undefined ? {} : { wrongKind: wrongKind.name }),
  };
}

/** The private endpoint addresses in a subnet's own network, one of each. */
function near(all: readonly Name[], subnetId: string): { address: string; fqdn: string; service: Name["service"] }[] {
  const list = all.flatMap(({ expected, fqdn, service }) =>
    expected
      .filter((each) => each.subnetId !== undefined && sameId(parentId(each.subnetId), parentId(subnetId)))
      .map(({ address }) => ({ address, fqdn, service })),
  );
  return list.filter((each, index) => list.findIndex(({ address }) => address === each.address) === index);
}
