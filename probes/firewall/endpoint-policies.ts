import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { allSeen, gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { isAiling, isWorking, stateEvidence } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { isApproved, serviceConnections } from "../../src/facts/service-connections.ts";
import { serviceEndpointPolicies } from "../../src/facts/service-endpoint-policies.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-prevent-data-loss-exfiltration";

/** Azure Machine Learning's own storage, by itself or with all of Azure's services. */
const aliases = ["/services/azure/machinelearning", "/services/azure"];

interface Policy {
  readonly policyId: string;
  readonly alias: boolean;
  readonly accountId?: string;
}

/**
 * A service endpoint policy lets a subnet reach the storage that it lists, over the service endpoint, and no other. Computes
 * need Azure Machine Learning's own accounts, which an alias stands for, and the workspace's account where no private
 * endpoint leads there. Without the service endpoint the policy has no effect.
 */
export default defineProbe({
  id: "firewall/endpoint-policies",
  title: "The service endpoint policies of the computes' subnets list the storage that computes need",
  layer: "transport",
  docs: [docs, "https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoint-policies-overview"],
  needs: {
    workspace,
    places: computeSubnets,
    policies: serviceEndpointPolicies,
    accounts: storageAccounts,
    privateEndpoints,
  },
  consequence: "Whether a service endpoint policy keeps computes from storage",
  advisory: true,
  reasons: {
    "exfil-service-endpoint-policy": reason<Policy>({
      severity: "error",
      title: "The service endpoint policy of the computes' subnet keeps them from storage that they need",
      detail: ({ alias, accountId }) =>
        `No definition lists ${[...(alias ? ["the alias /services/Azure/MachineLearning"] : []), ...(accountId === undefined ? [] : [parseArmId(accountId)?.name ?? accountId])].join(" and ")}.`,
      fix: ({ policyId, alias, accountId }) => {
        const define = (name: string, service: string, resource: string) =>
          azRest("put", `${policyId}/serviceEndpointPolicyDefinitions/${name}`, apiVersions.network, {
            properties: { service, serviceResources: [resource] },
          });
        const show = azRest("get", policyId, apiVersions.network);
        return {
          summary: "Add the definitions that are missing to the policy",
          commands: [
            show,
            ...(alias ? [define("azure-machine-learning", "Global", "/services/Azure/MachineLearning")] : []),
            ...(accountId === undefined ? [] : [define("workspace-storage", "Microsoft.Storage", accountId)]),
          ],
          warning:
            "The command line's own command for definitions cannot write aliases. The policy counts for every machine of the subnets that have it.",
          takesEffect: "Within a few minutes; scale the cluster down and up to replace unusable nodes",
          verify: [`${show.text} --query properties.serviceEndpointPolicyDefinitions`],
          docs,
        };
      },
      rivals: ["nsg-outbound-required-tags-missing", "fw-missing-core-fqdns", "st-service-endpoint-layout"],
    }),
  },
  judge({ workspace: space, places, policies, accounts, privateEndpoints: { entries } }, say) {
    const ruled = places.flatMap((place) => {
      const its = valueOf(place.subnet)?.properties;
      const own = (its?.serviceEndpointPolicies ?? []).map(({ id }) => id);
      return own.length === 0 ? [] : [{ place, own, endpoints: its?.serviceEndpoints ?? [] }];
    });
    if (ruled.length === 0) return say.skip("no service endpoint policy stands before a compute");
    const account = accounts.find(({ isDefault }) => isDefault)?.is;
    const known = account && valueOf(account);
    const isPrivate =
      known === undefined ||
      serviceConnections(known, entries, space).some(
        (each) => isApproved(each) && each.owner === "customer" && each.groups.includes("blob"),
      );
    return ruled.map(({ place, own, endpoints }): Verdict => {
      const subject = own[0] ?? place.id;
      if (!endpoints.some(({ service }) => /^microsoft\.storage\b/i.test(service ?? "")))
        return say.pass("The subnet has no service endpoint for storage, so its policy has no effect", { subject });
      const read = policies.filter(({ id }) => own.some((each) => sameId(each, id))).map(({ is }) => is);
      const gap = gapsOf(read)[0];
      if (gap !== undefined) return say.unknown(gap, { subject, matters: false });
      const listed = allSeen(read)
        .flatMap(({ properties }) => properties.serviceEndpointPolicyDefinitions ?? [])
        .flatMap(({ properties }) => properties?.serviceResources ?? []);
      const lists = (resource: string | undefined) => listed.some((each) => sameText(each, resource ?? ""));
      const alias = !aliases.some(lists);
      const at = parseArmId(known?.id);
      const scopes =
        at === undefined
          ? []
          : [
              at.id,
              `/subscriptions/${at.subscriptionId}/resourceGroups/${at.resourceGroup}`,
              `/subscriptions/${at.subscriptionId}`,
            ];
      const closed = !isPrivate && !scopes.some(lists);
      const evidence = [
        armEvidence(
          subject,
          "properties.serviceEndpointPolicyDefinitions[].properties.serviceResources",
          shortList(listed, 6) || "none",
          `/services/Azure/MachineLearning${isPrivate ? "" : ` and ${known.name}`}`,
        ),
        armEvidence(
          place.id,
          "properties.serviceEndpoints",
          endpoints.map(({ service }) => service),
        ),
      ];
      if (!alias && !closed) return say.pass(undefined, { subject, evidence });
      const ailing = place.computes.filter(isAiling);
      return say.found("exfil-service-endpoint-policy", {
        subject,
        about: [place.id, ...place.computes.map(({ id }) => id), ...(closed ? [known.id] : [])],
        data: { policyId: subject, alias, ...(closed ? { accountId: known.id } : {}) },
        evidence: [...evidence, ...ailing.slice(0, 1).map(stateEvidence)],
        ...(ailing.length > 0
          ? {}
          : { inferredFrom: "the policy as it is defined; no compute in the subnet reports a fault at this moment" }),
        ...(ailing.length > 0 && !place.computes.some(isWorking) ? {} : { as: "warning" as const }),
      });
    });
  },
});
