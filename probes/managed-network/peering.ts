import { inAnyPrefix, isPrivateAddress } from "../../src/model/address.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { listOutboundRules, putOutboundRule } from "../../src/model/deployment-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { deploymentLogs } from "../../src/facts/deployment-logs.ts";
import type { Name } from "../../src/facts/name.ts";
import { names } from "../../src/facts/names.ts";
import { networks } from "../../src/facts/networks.ts";
import { onKubernetes, onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { isolationOf } from "../../src/facts/service-connections.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network";

interface Called {
  readonly workspaceId: string;
  readonly address: string;
  readonly networkId: string;
  readonly behind?: Pick<Name, "fqdn" | "resourceId" | "groupId">;
}

/**
 * A managed network is Microsoft's and cannot be peered: an address of the customer's network means nothing in it. Whoever
 * peered something with the network, or wrote its addresses into a deployment, learns here which network that was. That the
 * call failed is another check's finding.
 */
export default defineProbe({
  id: "managed-network/peering",
  title: "No deployment counts on the managed network being joined with a network of yours",
  layer: "transport",
  docs: [docs],
  needs: {
    workspace: networkHome,
    endpoints: onlineEndpoints,
    logs: deploymentLogs,
    networks: raw(networks),
    names: raw(names),
  },
  consequence: "Whether deployments call addresses of your networks",
  advisory: true,
  reasons: {
    "mn-no-peering-with-customer-vnet": reason<Called>({
      severity: "warning",
      title: "A deployment calls an address of a virtual network that the managed network cannot be joined with",
      detail: ({ address, networkId, behind }) =>
        `${address} is of ${parseArmId(networkId)?.name ?? networkId}${behind === undefined ? "" : `, where the private endpoint of ${behind.fqdn} has it`}. Managed networks take no peering.`,
      fix: ({ workspaceId, networkId, behind }) => ({
        summary:
          behind === undefined
            ? "Publish what listens there by a private link service or an Application Gateway, and add a private endpoint outbound rule to that"
            : "Give the managed network a private endpoint of its own to that resource, and call the resource by its name",
        commands:
          behind === undefined
            ? [listOutboundRules(workspaceId)]
            : [
                listOutboundRules(workspaceId),
                putOutboundRule(
                  workspaceId,
                  `pe-${behind.resourceId.split("/").at(-1) ?? "target"}-${behind.groupId}`,
                  {
                    type: "PrivateEndpoint",
                    destination: {
                      serviceResourceId: behind.resourceId,
                      subresourceTarget: behind.groupId,
                      sparkEnabled: false,
                    },
                  },
                ),
              ],
        warning: `Peering ${parseArmId(networkId)?.name ?? "the network"} with the managed network is not possible in either direction.`,
        takesEffect: "some minutes, after the connection is approved on the target",
        verify: [listOutboundRules(workspaceId).text],
        docs,
      }),
    }),
  },
  judge({ workspace: space, endpoints, logs, networks: known, names: all }, say) {
    if (isolationOf(space) !== "managed") return say.skip("the workspace has no managed network", space.id);
    const prefixes = allSeen((valueOf(known) ?? []).map(({ network }) => network)).map(({ id, properties }) => ({
      id,
      ranges: properties.addressSpace?.addressPrefixes ?? [],
    }));
    const managed = endpoints
      .filter((each) => !onKubernetes(each))
      .flatMap(({ deployments }) => (valueOf(deployments) ?? []).map(({ id }) => id.toLowerCase()));
    const told = new Set<string>();
    const found = logs
      .filter(({ id }) => managed.includes(id.toLowerCase()))
      .flatMap(({ id, is }): Verdict[] =>
        (valueOf(is)?.refusedCalls ?? []).flatMap(({ host, line }) => {
          const network = isPrivateAddress(host) ? prefixes.find(({ ranges }) => inAnyPrefix(host, ranges)) : undefined;
          if (network === undefined || told.has(host)) return [];
          told.add(host);
          const behind = (valueOf(all) ?? []).find(({ expected }) => expected.some(({ address }) => address === host));
          return say.found("mn-no-peering-with-customer-vnet", {
            subject: host,
            about: [id, network.id],
            data: {
              workspaceId: space.id,
              address: host,
              networkId: network.id,
              ...(behind === undefined || sameId(behind.resourceId, space.id) ? {} : { behind }),
            },
            evidence: [
              { kind: "log", source: `${id} getLogs`, observed: line },
              armEvidence(network.id, "properties.addressSpace.addressPrefixes", network.ranges.join(", ")),
              armEvidence(
                space.id,
                "properties.managedNetwork.isolationMode",
                space.properties.managedNetwork?.isolationMode ?? undefined,
              ),
            ],
            inferredFrom: "the address alone: the managed network's own addresses cannot be seen, and may be the same",
            ruledOut: [
              {
                id: "mn-outbound-rule-missing",
                by: "outbound rules name hosts and resources, not addresses of a network",
              },
            ],
          });
        }),
      );
    return found.length > 0 ? found : say.pass(undefined, { subject: space.id });
  },
});
