import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { allSeen, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, type Command } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { networks } from "../../src/facts/networks.ts";
import { outboundRules } from "../../src/facts/outbound-rules.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { isApproved, isolationOf, serviceConnections } from "../../src/facts/service-connections.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#secure-azure-storage-accounts";

interface Layout {
  readonly accountId: string;
  readonly subnets: readonly string[];
  /** Subnets of computes that the account does not admit. */
  readonly unlisted: readonly string[];
  /** The service endpoints of each of these subnets that could be read. */
  readonly present?: readonly { readonly id: string; readonly services: readonly string[] }[];
}

const forStorage = /^microsoft\.storage(?:\.global)?$/i;

/** Turns the endpoint for storage on beside those that the subnet has: the option replaces the whole list. Where the list is
 * not known, it is shown. */
function withStorage({ present = [] }: Layout, subnet: string): Command[] {
  const its = present.find(({ id }) => sameId(id, subnet))?.services;
  if (its === undefined)
    return [az("network", "vnet", "subnet", "show", "--ids", subnet, "--query", "serviceEndpoints[].service")];
  if (its.some((service) => forStorage.test(service))) return [];
  const all = [...new Set([...its, "Microsoft.Storage"])];
  return [az("network", "vnet", "subnet", "update", "--ids", subnet, "--service-endpoints", ...all)];
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
  needs: {
    workspace,
    accounts: storageAccounts,
    privateEndpoints,
    networks: raw(networks),
    subnets: raw(subnets),
    places: raw(computeSubnets),
    rules: raw(outboundRules),
  },
  consequence: "Whether service endpoints of the storage account are set up rightly",
  advisory: true,
  reasons: {
    "st-service-endpoint-layout": reason<Layout>({
      severity: "error",
      title: "The storage account's service endpoints do not cover the subnets that need them",
      detail: ({ subnets: without, unlisted }) =>
        [
          ...(without.length > 0
            ? [
                `The account's rules name ${shortList(without)}, and Microsoft.Storage is not among the service endpoints there.`,
              ]
            : []),
          ...(unlisted.length > 0
            ? [`Computes stand in ${shortList(unlisted)}, which the account's rules do not name.`]
            : []),
        ].join(" "),
      fix: (data) => ({
        summary:
          "Turn the service endpoint for storage on in the subnet, and admit the computes' subnet in the account's rules",
        commands: [
          ...[...data.subnets, ...data.unlisted].flatMap((subnet) => withStorage(data, subnet)),
          ...data.unlisted.map((subnet) => forSubnet(data, "add", subnet)),
        ],
        warning:
          "--service-endpoints replaces the subnet's list: the ones that it had when it was read are named too. Service endpoints use the service's public addresses, so callers on premises still need rules of their own; private endpoints avoid both.",
        verify: [...data.subnets, ...data.unlisted].map(
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
  judge(
    { workspace: space, accounts, privateEndpoints: { entries }, networks: known, subnets: all, places, rules },
    say,
  ) {
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
        data: { accountId: account.id, subnets: named, unlisted: [] },
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
    // Rules count while public access is on and the default is to refuse.
    const isSelective =
      !sameText(account.properties.publicNetworkAccess, "Disabled") &&
      sameText(account.properties.networkAcls?.defaultAction, "Deny");
    if (!isSelective)
      return say.pass("The default storage account has service endpoint rules that are not in force", {
        subject: account.id,
      });
    const seenSubnets = [
      ...allSeen((valueOf(known) ?? []).map(({ network }) => network)).flatMap(
        ({ properties }) => properties.subnets ?? [],
      ),
      ...allSeen((valueOf(all) ?? []).map(({ is }) => is)).map(({ subnet }) => subnet),
    ];
    const servicesOf = (id: string): string[] | undefined => {
      const subnet = seenSubnets.find((each) => sameId(each.id, id));
      return subnet && (subnet.properties?.serviceEndpoints ?? []).flatMap(({ service }) => service ?? []);
    };
    const without = named.filter((id) => servicesOf(id)?.some((service) => forStorage.test(service)) === false);
    // A rule for a subnet that nobody of this workspace stands in may be left over from others.
    const inUse = without.filter((id) =>
      (valueOf(all) ?? []).some(
        (each) => sameId(each.id, id) && each.uses.some((use) => use === "compute" || use === "vantage"),
      ),
    );
    // An address rule may let computes in all the same, by their NAT gateway.
    const hasAddresses = (account.properties.networkAcls?.ipRules ?? []).length > 0;
    const unlisted = (valueOf(places) ?? []).filter(
      ({ id }) => !hasAddresses && !named.some((each) => sameId(each, id)),
    );
    const present = [...without, ...unlisted.map(({ id }) => id)].flatMap((id) => {
      const services = servicesOf(id);
      return services === undefined ? [] : [{ id, services }];
    });
    if (without.length + unlisted.length === 0) return say.pass(undefined, { subject: account.id });
    return say.found("st-service-endpoint-layout", {
      subject: account.id,
      about: [...without, ...unlisted.flatMap(({ id, computes }) => [id, ...computes.map((each) => each.id)])],
      data: { accountId: account.id, subnets: without, unlisted: unlisted.map(({ id }) => id), present },
      evidence: [
        ...evidence,
        ...without
          .slice(0, 2)
          .map((id) => armEvidence(id, "properties.serviceEndpoints", "no Microsoft.Storage", "Microsoft.Storage")),
        ...unlisted
          .slice(0, 1)
          .flatMap(({ id, computes }) =>
            computes
              .slice(0, 1)
              .map((compute) =>
                armEvidence(compute.id, "properties.properties.subnet.id", id, "a subnet of the rules"),
              ),
          ),
      ],
      ...(inUse.length > 0
        ? {}
        : unlisted.length > 0
          ? { inferredFrom: "the account's rules and the computes' subnet; no job of a compute is seen" }
          : { as: "warning" as const }),
    });
  },
});
