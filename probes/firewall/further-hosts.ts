import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { addFirewallRules, showFirewallRules } from "../../src/model/firewall-commands.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import type { Remediation } from "../../src/model/remediation.ts";
import { listRulesOf, openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { egressName, type EgressUse, type RequiredEgress } from "../../src/model/required-egress.ts";
import { shortList } from "../../src/model/text.ts";
import { computeEgress, type CheckedEgress } from "../../src/facts/compute-egress.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { numbersOf, type NetworkSecurityGroup } from "../../src/facts/network-security-groups.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";

interface Blocked {
  readonly at: string;
  readonly policyId?: string;
  /** Of a network security group; absent for a firewall. */
  readonly numbers?: RuleNumbers;
  readonly sources: readonly string[];
  readonly needs: readonly RequiredEgress[];
}

function detail({ at, needs }: Blocked): string {
  return `${parseArmId(at)?.name ?? at} refuses ${shortList(
    needs.map((need) => `${egressName(need)}${need.hosts.length === 0 ? "" : ` (${shortList(need.hosts)})`}`),
    6,
  )}.`;
}

const caution =
  "Every way out is also a way for data to leave: allow what is used, and prefer private feeds and baked images to public repositories.";

function fix({ at, policyId, numbers, sources, needs }: Blocked): Remediation {
  const show = numbers === undefined ? [showFirewallRules(at, policyId)] : listRulesOf(at);
  const byName = needs.every(({ use }) => use === "packages");
  const opened =
    numbers === undefined
      ? {
          commands: addFirewallRules(
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
            needs[0]?.use ?? "core",
          ),
          warning: `${caution} The priority must be free and come before the rule that refuses.`,
        }
      : openGroup(
          at,
          numbers,
          needs.map(({ tag, port, protocol }) => ({
            name: `Allow-${tag.replaceAll(".", "-")}-${port}`,
            direction: "Outbound",
            protocol,
            destinations: [tag],
            ports: [port],
          })),
          caution,
          160,
        );
  return {
    summary: `Allow ${
      byName
        ? shortList(
            needs.flatMap(({ hosts }) => hosts),
            6,
          )
        : needs.map(egressName).join(", ")
    }, if your computes use it`,
    ...opened,
    commands: [...show, ...opened.commands],
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
        group: NetworkSecurityGroup | undefined,
        list: readonly CheckedEgress[],
      ): Verdict[] =>
        [...new Set(Object.values(reasonOf))].flatMap((id) => {
          const refused = list.filter(
            ({ need: { use } }) => (reasonOf as Partial<Record<EgressUse, string>>)[use] === id,
          );
          const needs = refused.map(({ need }) => need);
          if (needs.length === 0) return [];
          return [
            say.found(id, {
              subject: at,
              about: [way.subnetId],
              data: {
                at,
                needs,
                sources: sourcesOf(way.subnetId),
                ...(policyId === undefined ? {} : { policyId }),
                ...(group === undefined
                  ? {}
                  : {
                      numbers: numbersOf(
                        group,
                        "Outbound",
                        refused.map(({ rule }) => rule),
                      ),
                    }),
              },
              evidence: [
                armEvidence(
                  at,
                  group === undefined ? "rules" : "properties.securityRules (outbound)",
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
      const place = places.find(({ id }) => sameId(id, way.subnetId));
      const group = place && valueOf(place.securityGroup);
      const byGroup =
        group === undefined || isWorse
          ? []
          : report(
              group.id,
              undefined,
              group,
              way.needs.filter(({ group: access, need }) => access === "Deny" && need.use !== "packages"),
            );
      const firewall = way.needs.find((each) => each.firewall !== undefined)?.firewall;
      const refused = way.needs.filter(
        (each) => each.firewall?.access === "Deny" && each.firewall.wrongKind === undefined,
      );
      return [
        ...byGroup,
        ...(firewall === undefined
          ? []
          : report(firewall.policyId ?? firewall.id, firewall.policyId, undefined, refused)),
      ];
    });
    return found.length > 0 ? found : say.pass(undefined, { subject: egress[0]?.subnetId ?? "computes" });
  },
});
