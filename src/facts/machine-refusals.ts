import { isPrivateAddress } from "../model/address.ts";
import { sameId } from "../model/arm-id.ts";
import { judgeFlow, type SecurityRule } from "../model/network-rules.ts";
import { mapSeen, valueOf, type Observation } from "../model/observation.ts";
import type { Refused } from "../model/outbound-remedy.ts";
import type { Reach } from "../model/ports.ts";
import { endpointTopics, placeOf, type EndpointPath } from "./endpoint-paths.ts";
import { scoringTopics, type ScoringPath } from "./kubernetes-scoring.ts";
import { numbersOf, rulesOf, type NetworkSecurityGroup } from "./network-security-groups.ts";
import type { SubnetInQuestion } from "./subnets.ts";
import type { Vantage } from "./vantage.ts";

/** What a jump box needs to manage a workspace: sign-in, management, the studio's front, and Microsoft's images. */
const services = [
  "AzureActiveDirectory",
  "AzureResourceManager",
  "AzureFrontDoor.FrontEnd",
  "MicrosoftContainerRegistry",
];

/** A private address that does not answer and that a group around this machine refuses. */
export interface RefusedReach {
  readonly reach: Reach;
  /** Whether it is a private endpoint's; else a router's. */
  readonly isEndpoint: boolean;
  readonly topics: readonly string[];
}

/** What one group around this machine refuses; nothing refused when both lists are empty. */
export interface GroupRefusals {
  readonly refused: Refused;
  readonly silent: readonly RefusedReach[];
}

interface Facts {
  readonly targets: readonly EndpointPath[];
  readonly routers: readonly ScoringPath[];
  readonly subnets: readonly SubnetInQuestion[];
  readonly groups: readonly { readonly id: string; readonly is: Observation<NetworkSecurityGroup> }[];
  readonly vantage: Vantage;
}

/** The private addresses that were dialled from here and did not answer. */
export function silentAddresses({ targets, routers }: Pick<Facts, "targets" | "routers">): RefusedReach[] {
  return [
    ...targets
      .filter(({ isApproved }) => isApproved)
      .map((target) => ({ reach: target.reach, isEndpoint: true, topics: endpointTopics(target) })),
    ...routers.flatMap((path) =>
      path.reaches.map((reach) => ({
        reach: { ...reach, port: path.port },
        isEndpoint: false,
        topics: scoringTopics(path),
      })),
    ),
  ].filter(({ reach }) => reach.tcp.outcome !== "open");
}

/** The network security groups around this machine, each with what it refuses. */
export function machineRefusals(facts: Facts): { id: string; is: Observation<GroupRefusals> }[] {
  const { subnets, groups, vantage: here } = facts;
  const from = here.addresses[0];
  if (here.subnetId === undefined || from === undefined) return [];
  const ids = [
    placeOf(subnets, here.subnetId)?.subnet.properties?.networkSecurityGroup?.id,
    ...(valueOf(here.interfaces) ?? []).map(({ properties }) => properties.networkSecurityGroup?.id),
  ].filter((id) => id !== undefined);
  const silent = silentAddresses(facts);
  return [...new Set(ids)].flatMap((id) => {
    const group = groups.find((each) => sameId(each.id, id))?.is;
    return group === undefined ? [] : [{ id, is: mapSeen(group, (value) => refusalsOf(id, value, from, silent)) }];
  });
}

function refusalsOf(
  id: string,
  group: NetworkSecurityGroup,
  from: string,
  silent: readonly RefusedReach[],
): GroupRefusals {
  const rules = rulesOf(group);
  const refusing = (
    destination: Parameters<typeof judgeFlow>[1]["destination"],
    port = 443,
  ): { rule: SecurityRule | undefined } | undefined => {
    const source = { prefix: from, inNetwork: true };
    const verdict = judgeFlow(rules, { direction: "Outbound", protocol: "Tcp", source, destination, port });
    return verdict.access === "Deny" ? { rule: verdict.rule } : undefined;
  };
  const blocked = silent.flatMap((each) => {
    const { address, port } = each.reach;
    const by = refusing({ prefix: address, inNetwork: isPrivateAddress(address) }, port);
    return by === undefined ? [] : [{ ...each, by }];
  });
  const tags = services.flatMap((tag) => {
    const by = refusing({ tag });
    return by === undefined ? [] : [{ tag, by }];
  });
  const deciding = [...blocked, ...tags].map(({ by }) => by.rule?.name);
  return {
    refused: {
      groupId: id,
      tags: tags.map(({ tag }) => tag),
      blocked: blocked.map(({ reach: { address, port } }) => ({ address, port })),
      ...(deciding[0] === undefined ? {} : { rule: deciding[0] }),
      numbers: numbersOf(group, "Outbound", deciding),
    },
    silent: blocked.map(({ reach, isEndpoint, topics }) => ({ reach, isEndpoint, topics })),
  };
}
