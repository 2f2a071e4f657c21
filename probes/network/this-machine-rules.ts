import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { isPrivateAddress } from "../../src/model/address.ts";
import { sameId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { shortList } from "../../src/model/text.ts";
import { endpointPaths, endpointTopics, placeOf } from "../../src/facts/endpoint-paths.ts";
import { kubernetesScoring, scoringTopics } from "../../src/facts/kubernetes-scoring.ts";
import { networkSecurityGroups, numbersOf, rulesOf } from "../../src/facts/network-security-groups.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#scenario-visual-studio-code";

/** What a jump box needs to manage a workspace: sign-in, management, the studio's front, and Microsoft's images. */
const services = [
  "AzureActiveDirectory",
  "AzureResourceManager",
  "AzureFrontDoor.FrontEnd",
  "MicrosoftContainerRegistry",
];

interface Blocked {
  readonly address: string;
  readonly port: number;
}

/** The refused, with the port where it is another than that of all services. */
const named = (blocked: readonly Blocked[], tags: readonly string[], most = 6): string =>
  shortList([...blocked.map(({ address, port }) => (port === 443 ? address : `${address}:${port}`)), ...tags], most);

/** Every port that something refused is sought on, the smallest first. */
const portsOf = (blocked: readonly Blocked[], tags: readonly string[]): number[] =>
  [...new Set([...blocked.map(({ port }) => port), ...tags.map(() => 443)])].sort((a, b) => a - b);

/**
 * The outbound rules around this machine. That it reads its rules at all proves that sign-in and management are reached, by
 * some way, so rules that refuse them are only a remark; a private endpoint or the router of a Kubernetes endpoint that the
 * rules refuse and that does not answer is blocked by them.
 */
export default defineProbe({
  id: "network/this-machine-rules",
  title: "The rules around this machine let it reach the workspace",
  layer: "control-plane",
  docs: [docs],
  needs: {
    targets: endpointPaths,
    routers: raw(kubernetesScoring),
    subnets,
    groups: networkSecurityGroups,
    vantage,
  },
  consequence: "Whether rules around this machine block what it needs",
  reasons: {
    "nsg-jumpbox-outbound-blocked": reason<{
      groupId: string;
      tags: string[];
      blocked: Blocked[];
      rule?: string;
      numbers: RuleNumbers;
    }>({
      severity: "error",
      title: "The network security group around this machine blocks what it needs to reach",
      detail: ({ tags, blocked, rule }) =>
        `Refused on TCP ${portsOf(blocked, tags).join(" and ")}${rule === undefined ? "" : ` by "${rule}"`}: ${named(blocked, tags)}.`,
      fix({ groupId, tags, blocked, numbers }) {
        const allow = (name: string, port: number, ...destinations: string[]) => ({
          name,
          direction: "Outbound" as const,
          protocol: "Tcp",
          destinations,
          ports: [port],
        });
        const byPort = Map.groupBy(blocked, ({ port }) => port);
        return {
          summary: `Let this machine's subnet out to ${named(blocked, tags, 8)} on port ${portsOf(blocked, tags).join(" and ")}`,
          ...openGroup(
            groupId,
            numbers,
            [
              ...[...byPort].map(([port, each]) =>
                allow(
                  port === 443 ? "Allow-Private-Endpoints" : `Allow-Private-Endpoints-${port}`,
                  port,
                  ...each.map(({ address }) => address),
                ),
              ),
              ...tags.map((tag) => allow(`Allow-${tag.replaceAll(".", "-")}`, 443, tag)),
            ],
            "Packages and images from elsewhere need further rules.",
            180,
          ),
          takesEffect: "Within a minute, for new connections",
          verify: [
            ...blocked.map(({ address, port }) => `nc -vz -w 5 ${address} ${port}`),
            ...(tags.length > 0 ? ["az account get-access-token --output none && echo ok"] : []),
          ],
          docs,
        };
      },
      rivals: ["pe-network-policies-block-traffic", "udr-routes-pe-through-nva", "pe-connection-not-approved"],
    }),
  },
  judge({ targets, routers, subnets: all, groups, vantage: here }, say) {
    const place = placeOf(all, here.subnetId);
    const from = here.addresses[0];
    const silent = [
      ...targets
        .filter(({ isApproved }) => isApproved)
        .map((target) => ({ reach: target.reach, port: 443, topics: endpointTopics(target) })),
      ...(valueOf(routers) ?? []).flatMap((path) =>
        path.reaches.map((reach) => ({ reach, port: path.port, topics: scoringTopics(path) })),
      ),
    ].filter(({ reach }) => reach.tcp.outcome !== "open");
    if (here.subnetId === undefined || from === undefined)
      return say.skip("this machine stands in no subnet whose rules could be read", here.name);
    const ids = [
      place?.subnet.properties?.networkSecurityGroup?.id,
      ...(valueOf(here.interfaces) ?? []).map(({ properties }) => properties.networkSecurityGroup?.id),
    ].filter((id) => id !== undefined);
    if (ids.length === 0)
      return say.pass("No network security group stands around this machine", { subject: here.name });
    return [...new Set(ids)].flatMap((id): Verdict[] => {
      const group = groups.find((each) => sameId(each.id, id))?.is;
      if (group?.is === "gap") return [say.unknown(group, { subject: id, matters: silent.length > 0 })];
      if (group?.is !== "value") return [];
      const rules = rulesOf(group.value);
      const out = (destination: Parameters<typeof judgeFlow>[1]["destination"], port = 443) =>
        judgeFlow(rules, {
          direction: "Outbound",
          protocol: "Tcp",
          source: { prefix: from, inNetwork: true },
          destination,
          port,
        });
      const blocked = silent.flatMap(({ reach, port, topics }) => {
        const verdict = out({ prefix: reach.address, inNetwork: isPrivateAddress(reach.address) }, port);
        return verdict.access === "Deny"
          ? [{ reach, topics, rule: verdict.rule, target: { address: reach.address, port } }]
          : [];
      });
      const refused = blocked.map(({ target }) => target);
      const tags = services.filter((tag) => out({ tag }).access === "Deny");
      const first = blocked[0];
      if (first === undefined && tags.length === 0) return [say.pass(undefined, { subject: id })];
      const rule = first?.rule ?? (tags[0] === undefined ? undefined : out({ tag: tags[0] }).rule);
      return [
        say.found("nsg-jumpbox-outbound-blocked", {
          subject: id,
          about: [here.subnetId ?? "", ...blocked.flatMap(({ topics }) => topics)],
          data: {
            groupId: id,
            tags,
            blocked: refused,
            ...(rule === undefined ? {} : { rule: rule.name }),
            numbers: numbersOf(group.value, "Outbound", [
              ...blocked.map((each) => each.rule?.name),
              ...tags.map((tag) => out({ tag }).rule?.name),
            ]),
          },
          evidence: [
            armEvidence(
              id,
              `properties.securityRules "${rule?.name ?? "default"}"`,
              `refuses TCP ${portsOf(refused, tags).join(" and ")} to ${named(refused, tags)}`,
              "allowed",
            ),
            ...(first === undefined ? [] : [reachEvidence(first.reach, "open")]),
          ],
          // Management was reached from here all the same.
          ...(first === undefined ? { as: "warning" as const } : {}),
        }),
      ];
    });
  },
});
