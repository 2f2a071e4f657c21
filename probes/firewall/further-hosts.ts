import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { addFirewallRules, showFirewallRules } from "../../src/model/firewall-commands.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import type { Remediation } from "../../src/model/remediation.ts";
import { allowInGroup, listRulesOf, type AllowRule } from "../../src/model/security-rule-commands.ts";
import { egressName, type EgressUse, type RequiredEgress } from "../../src/model/required-egress.ts";
import { shortList } from "../../src/model/text.ts";
import { computeEgress, type CheckedEgress } from "../../src/facts/compute-egress.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";

interface Blocked {
  readonly at: string;
  readonly policyId?: string;
  readonly isGroup: boolean;
  readonly sources: readonly string[];
  readonly needs: readonly RequiredEgress[];
}

function detail({ at, needs }: Blocked): string {
  return `${parseArmId(at)?.name ?? at} refuses ${shortList(
    needs.map((need) => `${egressName(need)}${need.hosts.length === 0 ? "" : ` (${shortList(need.hosts)})`}`),
    6,
  )}.`;
}

function fix({ at, policyId, isGroup, sources, needs }: Blocked): Remediation {
  const show = isGroup ? listRulesOf(at) : [showFirewallRules(at, policyId)];
  const byName = needs.every(({ use }) => use === "packages");
  return {
    summary: `Allow ${
      byName
        ? shortList(
            needs.flatMap(({ hosts }) => hosts),
            6,
          )
        : needs.map(egressName).join(", ")
    }, if your computes use it`,
    commands: [
      ...show,
      ...(isGroup
        ? allowInGroup(
            at,
            ...needs.map(({ tag, port, protocol }, index): AllowRule => ({
              name: `Allow-${tag.replaceAll(".", "-")}-${port}`,
              priority: 3900 + index,
              direction: "Outbound",
              protocol,
              destinations: [tag],
              ports: [port],
            })),
          )
        : addFirewallRules(
            policyId,
            sources,
            needs.map((need) =>
              byName
                ? { kind: "application", name: "packages", hosts: need.hosts }
                : {
                    kind: "network",
                    name: `${need.tag}-${need.port}`.replace(/[^A-Za-z0-9]/g, "-"),
                    protocols: [need.protocol.toUpperCase()],
                    destinations: [need.tag],
                    ports: [need.port],
                  },
            ),
          )),
    ],
    warning:
      "Every way out is also a way for data to leave: allow what is used, and prefer private feeds and baked images to public repositories. The priority must be free and come before the rule that refuses.",
    verify: show.map(({ text }) => text),
    docs,
  };
}

/** Which reason tells of which use. */
const reasonOf = {
  keys: "fw-hbi-keyvault-and-monitor",
  monitoring: "fw-hbi-keyvault-and-monitor",
  studio: "fw-frontdoor-studio-blocked",
  interactive: "cmp-udp-5831-websocket-blocked",
  packages: "fw-package-repos-blocked",
} as const satisfies Partial<Record<EgressUse, string>>;

/** What computes can do without, and lose something: telemetry, the studio's pages, ease on instances, public packages. None
 * of it breaks training or scoring by itself, so these are remarks. */
export default defineProbe({
  id: "firewall/further-hosts",
  title: "The computes reach what telemetry, the studio and public packages need",
  layer: "transport",
  docs: [docs],
  needs: { places: computeSubnets, egress: computeEgress },
  consequence: "Whether telemetry, the studio and public packages are reached by the computes",
  advisory: true,
  reasons: {
    "fw-hbi-keyvault-and-monitor": reason<Blocked>({
      severity: "warning",
      title: "Telemetry or keys of a high-business-impact workspace are blocked for the computes",
      detail,
      fix,
    }),
    "fw-frontdoor-studio-blocked": reason<Blocked>({
      severity: "warning",
      title: "The studio's front is blocked for the computes' network",
      detail,
      fix,
    }),
    "cmp-udp-5831-websocket-blocked": reason<Blocked>({
      severity: "warning",
      title: "Ports that compute instances use for interactive work are blocked",
      detail,
      fix,
    }),
    "fw-package-repos-blocked": reason<Blocked>({
      severity: "warning",
      title: "Public package repositories are blocked for the computes",
      detail,
      fix,
    }),
  },
  judge({ places, egress }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    const sourcesOf = (id: string): string[] => {
      const subnet = places.find((place) => sameId(place.id, id))?.subnet;
      const its = subnet && valueOf(subnet);
      return its === undefined ? [] : subnetPrefixes(its);
    };
    const found = egress.flatMap((way): Verdict[] => {
      const report = (
        at: string,
        policyId: string | undefined,
        isGroup: boolean,
        list: readonly CheckedEgress[],
      ): Verdict[] =>
        [...new Set(Object.values(reasonOf))].flatMap((id) => {
          const needs = list
            .map(({ need }) => need)
            .filter(({ use }) => (reasonOf as Partial<Record<EgressUse, string>>)[use] === id);
          if (needs.length === 0) return [];
          return [
            say.found(id, {
              subject: at,
              about: [way.subnetId],
              data: {
                at,
                isGroup,
                needs,
                sources: sourcesOf(way.subnetId),
                ...(policyId === undefined ? {} : { policyId }),
              },
              evidence: [
                armEvidence(
                  at,
                  isGroup ? "properties.securityRules (outbound)" : "rules",
                  `no rule allows ${shortList(needs.map(egressName), 6)}`,
                  "allowed where it is used",
                ),
              ],
            }),
          ];
        });
      // A group that refuses what is required as well is told once, with all that it refuses.
      const isWorse = way.needs.some(
        ({ group, need }) => group === "Deny" && (need.use === "core" || need.use === "files"),
      );
      const byGroup =
        way.groupId === undefined || isWorse
          ? []
          : report(
              way.groupId,
              undefined,
              true,
              way.needs.filter(({ group, need }) => group === "Deny" && need.use !== "packages"),
            );
      const firewall = way.needs.find((each) => each.firewall !== undefined)?.firewall;
      const refused = way.needs.filter(
        (each) => each.firewall?.access === "Deny" && each.firewall.wrongKind === undefined,
      );
      return [
        ...byGroup,
        ...(firewall === undefined ? [] : report(firewall.policyId ?? firewall.id, firewall.policyId, false, refused)),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: egress[0]?.subnetId ?? "computes" });
  },
});
