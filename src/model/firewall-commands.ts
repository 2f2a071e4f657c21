import { parseArmId } from "./arm-id.ts";
import { apiVersions } from "./api-versions.ts";
import { az, azRest, type Command } from "./remediation.ts";

/** Shows what a firewall, or its policy, lets through. */
export function showFirewallRules(firewallId: string, policyId: string | undefined): Command {
  return policyId === undefined
    ? az("resource", "show", "--ids", firewallId, "--query", "properties")
    : azRest("get", `${policyId}/ruleCollectionGroups`, apiVersions.network);
}

/** One rule to be added to a firewall's policy, in wire form. */
export type AddedRule =
  | {
      readonly kind: "network";
      readonly name: string;
      readonly protocols: readonly string[];
      readonly destinations: readonly string[];
      readonly ports: readonly number[];
    }
  | { readonly kind: "application"; readonly name: string; readonly hosts: readonly string[] };

/** What rules are added for, and the priority of its rule collection group: groups of one policy share neither name nor
 * priority, so that the remedies of several findings go beside each other. */
export const groupPriorities = {
  core: 390,
  ports: 391,
  files: 392,
  interactive: 393,
  monitoring: 394,
  studio: 395,
  keys: 396,
  packages: 397,
  editors: 398,
} as const;
export type FirewallPurpose = keyof typeof groupPriorities;

/**
 * Puts a rule collection group of its own beside those of a policy, so that nothing that is there is replaced; none
 * without a policy, whose classic rules have to be edited by hand. `sources` are CIDR.
 */
export function addFirewallRules(
  policyId: string | undefined,
  sources: readonly string[],
  rules: readonly AddedRule[],
  purpose: FirewallPurpose,
): Command[] {
  if (policyId === undefined || parseArmId(policyId) === undefined || rules.length === 0) return [];
  const collection = (name: string, priority: number, kind: AddedRule["kind"]) => {
    const wanted = rules.filter((rule) => rule.kind === kind);
    if (wanted.length === 0) return [];
    return [
      {
        ruleCollectionType: "FirewallPolicyFilterRuleCollection",
        name,
        priority,
        action: { type: "Allow" },
        rules: wanted.map((rule) =>
          rule.kind === "network"
            ? {
                ruleType: "NetworkRule",
                name: rule.name,
                ipProtocols: rule.protocols,
                sourceAddresses: sources,
                destinationAddresses: rule.destinations,
                destinationPorts: rule.ports.map(String),
              }
            : {
                ruleType: "ApplicationRule",
                name: rule.name,
                protocols: [{ protocolType: "Https", port: 443 }],
                sourceAddresses: sources,
                targetFqdns: rule.hosts,
              },
        ),
      },
    ];
  };
  const properties = {
    priority: groupPriorities[purpose],
    ruleCollections: [
      ...collection("azure-machine-learning-network", 200, "network"),
      ...collection("azure-machine-learning-names", 300, "application"),
    ],
  };
  const name = purpose === "core" ? "azure-machine-learning" : `azure-machine-learning-${purpose}`;
  return [azRest("put", `${policyId}/ruleCollectionGroups/${name}`, apiVersions.network, { properties })];
}
