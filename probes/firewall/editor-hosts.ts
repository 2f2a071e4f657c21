import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { addFirewallRules, groupPriorities, showFirewallRules } from "../../src/model/firewall-commands.ts";
import { hostCovers, judgeFirewall } from "../../src/model/firewall-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { editorHosts } from "../../src/model/required-egress.ts";
import { sameText } from "../../src/model/text.ts";
import { computeEgress } from "../../src/facts/compute-egress.ts";
import { computeSubnets } from "../../src/facts/compute-subnets.ts";
import { firewalls } from "../../src/facts/firewalls.ts";
import { subnetPrefixes } from "../../src/facts/subnets.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#scenario-visual-studio-code";

interface Blocked {
  readonly at: string;
  readonly firewallId: string;
  readonly policyId?: string;
  readonly missing: readonly string[];
  readonly allowed: readonly string[];
  readonly sources: readonly string[];
}

/**
 * Visual Studio Code on a compute instance fetches its server and extensions from the internet. An estate that lets nothing
 * of it through does without; one whose firewall names some of its hosts wants it to work, and is told which are missing.
 */
export default defineProbe({
  id: "firewall/editor-hosts",
  title: "The firewall lets all hosts of Visual Studio Code through, or none",
  layer: "transport",
  docs: [docs],
  needs: { places: computeSubnets, egress: computeEgress, firewalls },
  consequence: "Whether Visual Studio Code can be used on compute instances",
  advisory: true,
  reasons: {
    "fw-vscode-hosts-blocked": reason<Blocked>({
      severity: "warning",
      title: "The firewall lets only some of the hosts through that Visual Studio Code needs on compute instances",
      detail: ({ at, allowed, missing }) =>
        `${parseArmId(at)?.name ?? at} lets ${allowed.join(", ")} through and refuses ${missing.join(", ")}.`,
      fix: ({ firewallId, policyId, missing, sources }) => {
        const show = showFirewallRules(firewallId, policyId);
        return {
          summary: `Allow ${missing.join(", ")} as well`,
          commands: [
            show,
            ...addFirewallRules(
              policyId,
              sources,
              [{ kind: "application", name: "visual-studio-code", hosts: missing }],
              "editors",
            ),
          ],
          warning: `Scoring and training do without these hosts. Desktops connect to ports 8704 to 8710 of the instance besides, inside of the network. The group has a name of its own and replaces no other; see that its priority, ${groupPriorities.editors}, is free in the policy.`,
          takesEffect: "A few minutes after the policy is saved",
          verify: [show.text],
          docs,
        };
      },
      rivals: ["fw-package-repos-blocked"],
    }),
  },
  judge({ places, egress, firewalls: { found: known } }, say) {
    const verdicts = places.flatMap((place): Verdict[] => {
      if (!place.computes.some(({ properties }) => sameText(properties.computeType, "ComputeInstance"))) return [];
      const way = egress.find(({ subnetId }) => sameId(subnetId, place.id));
      const on = way?.needs.find(({ need, firewall }) => need.use === "packages" && firewall !== undefined)?.firewall;
      const firewall = known.find(({ id }) => sameId(id, on?.id));
      const subnet = valueOf(place.subnet);
      const rules = firewall && valueOf(firewall.rules);
      const source = subnet && subnetPrefixes(subnet)[0];
      if (firewall === undefined || rules === undefined || subnet === undefined || source === undefined) return [];
      const verdict = judgeFirewall(rules, {
        source,
        tag: "Internet",
        hosts: editorHosts,
        protocol: "Tcp",
        port: 443,
      });
      const at = firewall.policyId ?? firewall.id;
      // A rule for everything, or for all of a provider's names, was not made for the editor.
      const allowed = editorHosts.filter(
        (host) =>
          !verdict.missingHosts.includes(host) &&
          rules.some((rule) =>
            rule.hosts.some((name) => name !== "*" && hostCovers(name, host) && hostCovers(host, name)),
          ),
      );
      if (verdict.access !== "Deny" || allowed.length === 0)
        return [
          say.pass(verdict.access === "Deny" ? "The firewall lets no host of Visual Studio Code through" : undefined, {
            subject: at,
          }),
        ];
      return [
        say.found("fw-vscode-hosts-blocked", {
          subject: at,
          about: [place.id],
          data: {
            at,
            firewallId: firewall.id,
            ...(firewall.policyId === undefined ? {} : { policyId: firewall.policyId }),
            missing: verdict.missingHosts,
            allowed,
            sources: subnetPrefixes(subnet),
          },
          evidence: [
            armEvidence(at, "rules", `no rule allows ${verdict.missingHosts.join(", ")}`, "allowed where it is used"),
            armEvidence(at, "rules", `allows ${allowed.join(", ")}`),
          ],
        }),
      ];
    });
    return verdicts.length > 0 ? verdicts : say.skip("no compute instance stands behind a firewall that can be read");
  },
});
