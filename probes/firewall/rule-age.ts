import { armEvidence } from "../../src/model/evidence.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { showFirewallRules } from "../../src/model/firewall-commands.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { dnsName, shortList } from "../../src/model/text.ts";
import { firewalls } from "../../src/facts/firewalls.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall";

/** Names that only the list of 2019 has. */
const old = ["mlworkspace.azure.ai", "*.batchai.core.windows.net", "*.aether.ms", "*.experiments.azureml.net"];

/** Rules from the allow list of 2019 on the firewalls that routes lead to: too wide, and short of what came since. */
export default defineProbe({
  id: "firewall/rule-age",
  title: "The firewall's rules are of the present allow list",
  layer: "transport",
  docs: [docs],
  needs: { firewalls },
  consequence: "Whether a firewall still has the allow list of 2019",
  advisory: true,
  reasons: {
    "fw-obsolete-2019-rule-set": reason<{ firewallId: string; policyId?: string; hosts: string[] }>({
      severity: "warning",
      title: "The firewall still has the allow list of 2019",
      detail: ({ hosts }) => `It names ${hosts.join(", ")}, which the present list no longer has.`,
      fix: ({ firewallId, policyId }) => ({
        summary: "Replace these rules by the present list; keep a name only while v1 pipelines use it",
        commands: [showFirewallRules(firewallId, policyId)],
        warning:
          "The old list does not cover notebooks, compute instances and Microsoft's registry: add the present rules before the old ones go.",
        verify: [showFirewallRules(firewallId, policyId).text],
        docs,
      }),
    }),
  },
  judge({ firewalls: { found } }, say) {
    if (found.length === 0) return say.skip("no Azure Firewall stands on the way");
    return found.map(({ id, policyId, rules }): Verdict => {
      if (rules.is === "gap") return say.unknown(rules, { subject: id, matters: false });
      const hosts = old.filter((host) =>
        (valueOf(rules) ?? []).some((rule) => rule.hosts.some((name) => dnsName(name) === host)),
      );
      if (hosts.length === 0) return say.pass(undefined, { subject: policyId ?? id });
      return say.found("fw-obsolete-2019-rule-set", {
        subject: policyId ?? id,
        data: { firewallId: id, hosts, ...(policyId === undefined ? {} : { policyId }) },
        evidence: [armEvidence(policyId ?? id, "rules", shortList(hosts, 6))],
      });
    });
  },
});
