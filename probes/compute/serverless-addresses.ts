import { inAnyPrefix } from "../../src/model/address.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { parentId, sameId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { allowedAddresses } from "../../src/facts/allowed-addresses.ts";
import { networks } from "../../src/facts/networks.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { serverlessEgress } from "../../src/facts/serverless-egress.ts";
import { isApproved, serviceConnections } from "../../src/facts/service-connections.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link";

/**
 * Serverless compute without public addresses comes out of its subnet by the NAT gateway's address. Where the workspace lets
 * listed addresses in and has no private endpoint for that network, the gateway's have to be on the list. Whether anybody
 * runs serverless jobs is not seen, so it is a remark. Managed networks have no address to list and are not judged.
 */
export default defineProbe({
  id: "compute/serverless-addresses",
  title: "The workspace's list of allowed addresses lets its serverless compute in",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-use-serverless-compute"],
  needs: { workspace, egress: maybe(serverlessEgress), privateEndpoints, networks: raw(networks) },
  consequence: "Whether the list of allowed addresses lets serverless compute in",
  advisory: true,
  reasons: {
    "cmp-serverless-selected-ips": reason<{
      workspaceId: string;
      addresses: readonly string[];
      allowed: readonly string[];
    }>({
      severity: "warning",
      title: "The workspace's list of allowed addresses does not hold those of its serverless compute",
      detail: ({ addresses, allowed }) =>
        `Serverless compute comes from ${shortList(addresses)}; the list holds ${shortList(allowed, 5)}.`,
      fix: ({ workspaceId, addresses }) => ({
        summary: `Create a private endpoint of the workspace in the serverless subnet's network, or add ${shortList(addresses)} to the list`,
        commands: [azRest("get", workspaceId, apiVersions.machineLearning)],
        warning:
          "The list is the workspace owner's to change, beside what it holds: with the ml extension, az ml workspace network-rule add --ip-address. With a private endpoint the list stays as it is.",
        takesEffect: "Within a few minutes",
        verify: [
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.[networkAcls,ipAllowlist]`,
        ],
        docs,
      }),
      rivals: ["ws-pna-selected-ips-client-missing"],
    }),
  },
  judge({ workspace: space, egress, privateEndpoints: { entries }, networks: known }, say) {
    const { id, properties } = space;
    const allowed = allowedAddresses(space);
    if (
      egress === undefined ||
      properties.serverlessComputeSettings?.serverlessComputeNoPublicIP !== true ||
      sameText(properties.publicNetworkAccess, "Disabled") ||
      sameText(properties.networkAcls?.defaultAction, "Allow")
    )
      return say.skip("no serverless compute without public addresses comes in by a list of allowed addresses", id);
    if (egress.addresses.is === "gap")
      return say.unknown(egress.addresses, { subject: egress.subnetId, matters: false });
    const network = parentId(egress.subnetId);
    const near = [
      network,
      ...(valueOf(known) ?? [])
        .filter((each) => sameId(each.id, network))
        .flatMap(({ peerings }) => valueOf(peerings) ?? [])
        .flatMap(({ properties: its }) => its?.remoteVirtualNetwork?.id ?? []),
    ];
    const isPrivate = serviceConnections(space, entries, space).some(
      (each) => isApproved(each) && near.some((one) => sameId(one, each.subnetId && parentId(each.subnetId))),
    );
    const addresses = valueOf(egress.addresses) ?? [];
    if (isPrivate) return say.pass("Serverless compute has a private endpoint of the workspace", { subject: id });
    if (addresses.length === 0)
      return say.skip("the public address of serverless compute is not known: no NAT gateway stands there", id);
    const missing = addresses.filter((address) => !inAnyPrefix(address.split("/")[0] ?? address, allowed));
    const evidence = [
      armEvidence(egress.natGatewayId ?? egress.subnetId, "public addresses", addresses, "on the workspace's list"),
      armEvidence(id, "properties.networkAcls.ipRules, properties.ipAllowlist", allowed.slice(0, 10)),
      armEvidence(id, "properties.serverlessComputeSettings", properties.serverlessComputeSettings),
    ];
    if (missing.length === 0) return say.pass(undefined, { subject: id, evidence });
    return say.found("cmp-serverless-selected-ips", {
      subject: id,
      about: [egress.subnetId],
      data: { workspaceId: id, addresses: missing, allowed },
      evidence,
      inferredFrom: "the subnet's NAT gateway and the workspace's list; no serverless job is seen",
    });
  },
});
