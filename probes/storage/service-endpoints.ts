import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { networks } from "../../src/facts/networks.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { isApproved, isolationOf, serviceConnections } from "../../src/facts/service-connections.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-storage-accounts";

interface Layout {
  readonly accountId: string;
  readonly subnets: readonly string[];
}

function forSubnet({ accountId }: Layout, verb: "add" | "remove", subnet: string) {
  const account = parseArmId(accountId);
  return az(
    "storage",
    "account",
    "network-rule",
    verb,
    "--subscription",
    account?.subscriptionId ?? "",
    "--resource-group",
    account?.resourceGroup ?? "",
    "--account-name",
    account?.name ?? "",
    "--subnet",
    subnet,
  );
}

/** Accounts that admit subnets by service endpoints: the layout that works, and the mixture that does not. */
export default defineProbe({
  id: "storage/service-endpoints",
  title: "Service endpoints of the default storage account are set up as the service needs them",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#limitations"],
  needs: { workspace, accounts: storageAccounts, privateEndpoints, networks: raw(networks), rules: raw(outboundRules) },
  consequence: "Whether service endpoints of the storage account are set up rightly",
  advisory: true,
  reasons: {
    "st-service-endpoint-layout": reason<Layout>({
      severity: "error",
      title: "The storage account admits subnets that have no service endpoint for storage",
      detail: ({ subnets }) =>
        `The account's rules name ${shortList(subnets)}, and Microsoft.Storage is not among the service endpoints there.`,
      fix: (data) => ({
        summary: "Turn the service endpoint for storage on in the subnet",
        commands: data.subnets.map((subnet) =>
          az("network", "vnet", "subnet", "update", "--ids", subnet, "--service-endpoints", "Microsoft.Storage"),
        ),
        warning:
          "--service-endpoints replaces the subnet's list: name the ones it has as well. Service endpoints use the service's public addresses, so callers on premises still need rules of their own; private endpoints avoid both.",
        verify: data.subnets.map(
          (subnet) =>
            az("network", "vnet", "subnet", "show", "--ids", subnet, "--query", "serviceEndpoints[].service").text,
        ),
        docs,
      }),
      rivals: ["st-no-blob-pe"],
    }),
    "st-pe-and-service-endpoint": reason<Layout>({
      severity: "error",
      title:
        "The storage account has service endpoint rules and the managed network's private endpoints at the same time, which is not supported",
      detail: ({ subnets }) =>
        `networkAcls.virtualNetworkRules names ${shortList(subnets)} beside the managed network's private endpoint.`,
      fix: (data) => ({
        summary: "Take the service endpoint rules off the account",
        commands: data.subnets.map((subnet) => forSubnet(data, "remove", subnet)),
        warning:
          "Make sure first that nothing still comes in from those subnets; give it a private endpoint if it does.",
        verify: [
          az("storage", "account", "show", "--ids", data.accountId, "--query", "networkRuleSet.virtualNetworkRules")
            .text,
        ],
        docs,
      }),
    }),
  },
  judge({ workspace: space, accounts, privateEndpoints: { entries }, networks: known, rules }, say) {
    const first = accounts.find(({ isDefault }) => isDefault);
    if (first?.is.is === "gap") return say.unknown(first.is, { subject: first.id });
    const account = first && valueOf(first.is);
    const named = (account?.properties.networkAcls?.virtualNetworkRules ?? []).flatMap(({ id }) => id ?? []);
    if (account === undefined || named.length === 0)
      return say.pass("The default storage account has no service endpoint rules");
    const connections = serviceConnections(account, entries, space);
    const evidence = [
      armEvidence(account.id, "properties.networkAcls.virtualNetworkRules", named, "none beside private endpoints"),
    ];
    if (isolationOf(space) === "managed" && connections.some(({ owner }) => owner === "managed-network")) {
      const broken = (valueOf(rules) ?? []).filter(
        (rule) => sameId(rule.serviceResourceId, account.id) && !sameText(rule.status, "Active"),
      );
      return say.found("st-pe-and-service-endpoint", {
        subject: account.id,
        about: broken.map(({ id }) => id),
        data: { accountId: account.id, subnets: named },
        evidence: [
          ...evidence,
          ...broken.slice(0, 2).map((rule) => armEvidence(rule.id, "properties.status", rule.status, "Active")),
        ],
        // The mixture is not supported, and yet it works for many: without a rule that fails it is only worth a word.
        ...(broken.length > 0
          ? {
              confidence: "likely" as const,
              inferredFrom: "an outbound rule to the account that is not Active, beside an unsupported mixture",
            }
          : { as: "warning" as const }),
      });
    }
    if (connections.some(isApproved))
      return say.pass("The default storage account has private endpoints, so service endpoints are not its only door", {
        subject: account.id,
      });
    const subnets = allSeen((valueOf(known) ?? []).map(({ network }) => network)).flatMap(
      ({ properties }) => properties.subnets ?? [],
    );
    const without = named.filter((id) => {
      const subnet = subnets.find((each) => sameId(each.id, id));
      return (
        subnet !== undefined &&
        !(subnet.properties?.serviceEndpoints ?? []).some(
          ({ service }) => service && /^microsoft\.storage(?:\.global)?$/i.test(service),
        )
      );
    });
    const verdict: Verdict =
      without.length > 0
        ? say.found("st-service-endpoint-layout", {
            subject: account.id,
            about: without,
            data: { accountId: account.id, subnets: without },
            evidence: [
              ...evidence,
              ...without
                .slice(0, 2)
                .map((id) =>
                  armEvidence(id, "properties.serviceEndpoints", "no Microsoft.Storage", "Microsoft.Storage"),
                ),
            ],
          })
        : say.pass(undefined, { subject: account.id });
    return verdict;
  },
});
