import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import {
  addFirewallRules,
  groupPriorities,
  showFirewallRules,
  type FirewallPurpose,
} from "../../src/model/firewall-commands.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { egressName, type RequiredEgress } from "../../src/model/required-egress.ts";
import { shortList } from "../../src/model/text.ts";
import { computeEgress } from "../../src/facts/compute-egress.ts";
import { isAiling, isWorking, stateEvidence } from "../../src/facts/compute-state.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { firewalls } from "../../src/facts/firewalls.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";
const processing = "https://learn.microsoft.com/azure/firewall/rule-processing";

interface Blocked {
  readonly firewallId: string;
  readonly policyId?: string;
  readonly needs: readonly RequiredEgress[];
  readonly missing: readonly string[];
  /** Of the needs, those that the application rule of this name would cover by their hosts, and cannot by their ports. */
  readonly byPort: readonly RequiredEgress[];
  readonly wrongKind?: string;
  readonly sources: readonly string[];
}

function fix({ firewallId, policyId, needs, sources }: Blocked, purpose: FirewallPurpose, summary: string) {
  const show = showFirewallRules(firewallId, policyId);
  return {
    summary,
    commands: [
      show,
      ...addFirewallRules(
        policyId,
        sources,
        needs.map(({ tag, protocol, port }) => ({
          kind: "network",
          name: `${tag}-${port}`.replace(/[^A-Za-z0-9]/g, "-"),
          protocols: [protocol.toUpperCase()],
          destinations: [tag],
          ports: [port],
        })),
        purpose,
      ),
    ],
    warning: `The group has a name of its own and replaces no other; see that its priority, ${groupPriorities[purpose]}, is free in the policy. Storage's tag lets data out to any account of the region: name your accounts in application rules instead where that matters. A firewall without a policy is edited in its classic rules.`,
    takesEffect: "A few minutes after the policy is saved",
    verify: [show.text],
    docs,
  };
}

/**
 * Whether the Azure Firewall on the computes' way out lets them reach what they all need, by service tag or by name. Rules
 * of IP groups, URLs and categories are not opened: where they could be the ones that allow, nothing is claimed.
 */
export default defineProbe({
  id: "firewall/required-hosts",
  title: "The firewall on the computes' way lets through what Azure Machine Learning requires",
  layer: "transport",
  docs: [docs, processing],
  needs: { places: computeSubnets, egress: computeEgress, firewalls },
  consequence: "Whether the firewall on the computes' way out blocks what they need",
  reasons: {
    "fw-missing-core-fqdns": reason<Blocked>({
      severity: "error",
      title: "The firewall on the computes' way blocks what Azure Machine Learning requires",
      detail: ({ needs, missing, byPort }) =>
        `No rule allows ${shortList(
          needs.map((need) => `${egressName(need)} (${need.purpose})`),
          10,
        )}${missing.length === 0 ? "" : `, nor these names: ${shortList(missing, 8)}`}.${
          byPort.length === 0 ? "" : ` For ${byPort.map(egressName).join(", ")} names would not do.`
        }`,
      fix(blocked) {
        const [named, ported] = [
          blocked.needs.filter((need) => !blocked.byPort.includes(need)).map(egressName),
          blocked.byPort.map(egressName),
        ];
        return fix(
          blocked,
          "core",
          `Allow on the firewall: ${named.join(", ")}${blocked.missing.length === 0 ? "" : `, or the names ${blocked.missing.join(", ")}`}${
            ported.length === 0 ? "" : `; and by network rules, which alone see these ports: ${ported.join(", ")}`
          }`,
        );
      },
      rivals: ["nsg-outbound-required-tags-missing", "udr-forced-tunneling-breaks-compute"],
    }),
    "fw-app-vs-network-rules": reason<Blocked>({
      severity: "error",
      title: "The firewall has application rules for ports that only network rules let through",
      detail: ({ needs, wrongKind }) =>
        `The application rule "${wrongKind ?? ""}" names the hosts, and application rules see http, https and mssql only: ${needs.map(egressName).join(", ")} ${needs.length === 1 ? "needs a network rule" : "need network rules"}.`,
      fix: (blocked) => fix(blocked, "ports", `Add network rules for ${blocked.needs.map(egressName).join(", ")}`),
      rivals: ["fw-missing-core-fqdns"],
    }),
  },
  judge({ places, egress, firewalls: known }, say) {
    if (places.length === 0) return say.skip("no compute stands in a network of the customer");
    const behind = egress.filter(({ needs }) => needs.some(({ firewall }) => firewall !== undefined));
    if (behind.length === 0) {
      const gaps = known.subscriptions.flatMap(({ id, is }) =>
        is.is === "gap" ? [say.unknown(is, { subject: id, matters: false })] : [],
      );
      return gaps.length > 0 ? gaps : say.skip("no Azure Firewall stands on the computes' way out");
    }
    return behind.flatMap((way): Verdict[] => {
      const place = places.find(({ id }) => sameId(id, way.subnetId));
      const firewall = way.needs.find((each) => each.firewall !== undefined)?.firewall;
      const rules = known.found.find(({ id }) => sameId(id, firewall?.id))?.rules;
      if (place === undefined || firewall === undefined) return [];
      if (rules?.is === "gap") return [say.unknown(rules, { subject: firewall.id })];
      const subnet = valueOf(place.subnet);
      const ailing = place.computes.filter(isAiling);
      const working = ailing.length === 0 && place.computes.some(isWorking);
      const denied = way.needs.filter((each) => each.firewall?.access === "Deny");
      const wrong = denied.filter(({ need, firewall: at }) => need.use !== "core" && at?.wrongKind !== undefined);
      const core = denied.filter(({ need }) => need.use === "core");
      const report = (
        id: "fw-missing-core-fqdns" | "fw-app-vs-network-rules",
        list: typeof denied,
        besides: typeof denied = [],
      ): Verdict[] => {
        if (list.length === 0) return [];
        const all = [...list, ...besides];
        const missing = [...new Set(list.flatMap((each) => each.firewall?.missingHosts ?? []))];
        const wrongKind = list[0]?.firewall?.wrongKind;
        const at = firewall.policyId ?? firewall.id;
        return [
          say.found(id, {
            subject: at,
            about: [firewall.id, place.id, ...place.computes.map((compute) => compute.id)],
            data: {
              firewallId: firewall.id,
              ...(firewall.policyId === undefined ? {} : { policyId: firewall.policyId }),
              needs: all.map(({ need }) => need),
              missing,
              byPort: besides.map(({ need }) => need),
              ...(wrongKind === undefined ? {} : { wrongKind }),
              sources: subnet === undefined ? [] : subnetPrefixes(subnet),
            },
            evidence: [
              armEvidence(
                at,
                "ruleCollectionGroups",
                `no rule allows ${shortList(
                  all.map(({ need }) => egressName(need)),
                  6,
                )} from ${parseArmId(place.id)?.name ?? place.id}`,
                "allowed",
              ),
              armEvidence(
                place.id,
                "properties.routeTable",
                `0.0.0.0/0 → ${way.nextHop} (${parseArmId(firewall.id)?.name ?? firewall.id})`,
              ),
              ...ailing.slice(0, 1).map(stateEvidence),
            ],
            ...(ailing.length > 0
              ? {}
              : {
                  inferredFrom:
                    "the rules as they are defined; no compute behind the firewall reports a fault at this moment",
                }),
            ...(working || (id === "fw-app-vs-network-rules" && ailing.length === 0) ? { as: "warning" as const } : {}),
          }),
        ];
      };
      // Where rules lack altogether, those of a wrong kind are more of the same, and are mended together with them.
      const found =
        core.length > 0 ? report("fw-missing-core-fqdns", core, wrong) : report("fw-app-vs-network-rules", wrong);
      return found.length > 0 ? found : [say.pass(undefined, { subject: firewall.policyId ?? firewall.id })];
    });
  },
});
