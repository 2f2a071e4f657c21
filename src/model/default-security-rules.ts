import type { SecurityRule } from "./network-rules.ts";

function rule(
  name: string,
  priority: number,
  direction: string,
  access: string,
  source: string,
  destination: string,
): SecurityRule {
  return {
    name,
    priority,
    direction,
    access,
    protocol: "*",
    sources: [source],
    destinations: [destination],
    sourcePorts: ["*"],
    destinationPorts: ["*"],
    usesGroups: false,
  };
}

/** The rules that every network security group ends with. Source: "Network security groups", default security rules. */
export const defaultSecurityRules: readonly SecurityRule[] = [
  rule("AllowVnetInBound", 65000, "Inbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
  rule("AllowAzureLoadBalancerInBound", 65001, "Inbound", "Allow", "AzureLoadBalancer", "*"),
  rule("DenyAllInBound", 65500, "Inbound", "Deny", "*", "*"),
  rule("AllowVnetOutBound", 65000, "Outbound", "Allow", "VirtualNetwork", "VirtualNetwork"),
  rule("AllowInternetOutBound", 65001, "Outbound", "Allow", "*", "Internet"),
  rule("DenyAllOutBound", 65500, "Outbound", "Deny", "*", "*"),
];
