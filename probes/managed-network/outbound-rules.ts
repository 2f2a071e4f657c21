import { armEvidence } from "../../src/model/evidence.ts";
import { applyRule, listOutboundRules } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az, azRest, type Command } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { outboundRules, type ManagedRule } from "../../src/facts/outbound-rules.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#manage-outbound-rules";
const trouble = "https://learn.microsoft.com/azure/machine-learning/how-to-troubleshoot-managed-network";

interface Rule {
  readonly workspaceId: string;
  readonly rule: ManagedRule;
  readonly principal?: string;
  readonly location: string;
  /** Of the managed firewall; older versions of the service do not say it. */
  readonly sku?: string;
}

/** What the service says of a firewall that it cannot make. */
const firewallTrouble =
  /firewall.*(?:\bsku\b|\btier\b|region|location|zone|capacity|quota|not (?:supported|available))|(?:SkuNotAvailable|LocationNotAvailable|NotAvailableInRegion|ZonalAllocation).*firewall/i;

const target = (rule: ManagedRule): string => rule.serviceResourceId ?? rule.fqdn ?? rule.serviceTag ?? rule.name;
const state = ({ workspaceId, rule }: Rule): string =>
  `${azRest("get", `${workspaceId}/outboundRules/${rule.name}`, apiVersions.machineLearning).text} --query properties.status`;

/** The role by which the workspace's identity approves what its own rules create on a target. */
const letApprove = ({ principal, rule: { serviceResourceId } }: Rule): Command[] =>
  principal === undefined || serviceResourceId === undefined
    ? []
    : [
        az(
          "role",
          "assignment",
          "create",
          "--role",
          "Azure AI Enterprise Network Connection Approver",
          "--assignee-object-id",
          principal,
          "--assignee-principal-type",
          "ServicePrincipal",
          "--scope",
          serviceResourceId,
        ),
      ];

/** A rule that is not Active lets nothing through. Provisioning and Deleting pass by themselves. */
export default defineProbe({
  id: "managed-network/outbound-rules",
  title: "Every outbound rule of the managed network is active",
  layer: "control-plane",
  docs: [docs, trouble],
  needs: { workspace: networkHome, rules: outboundRules },
  consequence: "Whether the managed network's outbound rules work",
  reasons: {
    "mn-outbound-rule-not-active": reason<Rule>({
      severity: "error",
      heals: ({ rule }) => /ing$/i.test(rule.status ?? ""),
      title: "An outbound rule of the managed network is not active",
      detail: ({ rule }) =>
        `Rule ${rule.name} to ${target(rule)} has status ${rule.status ?? "absent"}, expected Active.${rule.error === undefined ? "" : ` The service says: ${rule.error}`}`,
      fix: (data) => ({
        summary:
          "See why the rule is not active (a private endpoint rule needs approval on its target, which the workspace's identity gives itself where it has the role), then apply it again",
        commands: [
          listOutboundRules(data.workspaceId),
          ...(data.rule.serviceResourceId === undefined
            ? []
            : [az("network", "private-endpoint-connection", "list", "--id", data.rule.serviceResourceId)]),
          ...letApprove(data),
          applyRule(data.workspaceId, data.rule),
        ],
        warning: "Removing and adding a rule makes a new private endpoint, which needs a new approval.",
        takesEffect: "some minutes; 10 with the first FQDN rule",
        verify: [state(data)],
        docs,
      }),
      causedBy: [
        "mn-outbound-pe-pending",
        "mn-not-provisioned",
        "mn-rbac-pe-permissions",
        "mn-custom-policy-denies-pe",
        "mn-provider-not-registered",
        "mn-firewall-sku-or-region",
        "st-pe-and-service-endpoint",
        // A rule to a resource that is gone has nothing to lead to.
        "ws-provisioning-or-missing-dependency",
      ],
    }),
    "mn-rbac-pe-permissions": reason<Rule>({
      severity: "error",
      title: "The workspace's identity may not create or approve the private endpoint of an outbound rule",
      detail: ({ rule }) => `Rule ${rule.name}: ${rule.error ?? ""}`,
      fix: (data) => ({
        summary: "Let the workspace's identity approve connections on the target, then apply the rule again",
        commands: [
          ...(letApprove(data).length === 0 ? [listOutboundRules(data.workspaceId)] : letApprove(data)),
          applyRule(data.workspaceId, data.rule),
        ],
        takesEffect: "a few minutes after the role is assigned",
        verify: [state(data)],
        docs: trouble,
      }),
    }),
    "mn-firewall-sku-or-region": reason<Rule>({
      severity: "error",
      title: "The managed firewall that carries rules by name cannot be made in this region or with this SKU",
      detail: ({ rule, sku }) =>
        `Rule ${rule.name} to ${target(rule)}: ${rule.error ?? ""}${sku === undefined ? "" : ` firewallSku is ${sku}.`}`,
      fix: (data) => ({
        summary:
          "Do without the firewall where a private endpoint or service tag rule can carry the traffic; else choose a SKU that the region has, then apply the rule again",
        commands: [
          listOutboundRules(data.workspaceId),
          az("network", "list-service-tags", "--location", data.location, "--query", "values[].name"),
          applyRule(data.workspaceId, data.rule),
        ],
        warning:
          "Only rules by name need a firewall. Its SKU is the workspace's managed_network.firewall_sku (az ml workspace update --set); Basic carries less traffic than Standard. Rules by name are made one after the other.",
        takesEffect: "about 10 minutes with the first rule by name",
        verify: [state(data)],
        docs,
      }),
      rivals: ["mn-custom-policy-denies-pe", "mn-not-provisioned"],
    }),
    "mn-custom-policy-denies-pe": reason<Rule>({
      severity: "error",
      title: "An Azure Policy refuses the private endpoint of an outbound rule",
      detail: ({ rule }) => `Rule ${rule.name}: ${rule.error ?? ""}`,
      fix: (data) => ({
        summary: "Find the policy assignment that refuses it, have it exempt the target, then apply the rule again",
        commands: [
          az(
            "policy",
            "assignment",
            "list",
            "--scope",
            data.rule.serviceResourceId ?? data.workspaceId,
            "--disable-scope-strict-match",
          ),
          applyRule(data.workspaceId, data.rule),
        ],
        warning: "The exemption is the policy owner's decision; the target must be in the same Entra tenant.",
        verify: [state(data)],
        docs: trouble,
      }),
    }),
  },
  judge({ workspace: { id, identity, location, properties }, rules }, say) {
    const sku = properties.managedNetwork?.firewallSku ?? undefined;
    const idle = rules.filter(({ status }) => !sameText(status, "Active"));
    if (idle.length === 0) return say.pass(`All ${rules.length} outbound rules are active`, { subject: id });
    return idle.map((rule) => {
      const principal = identity?.principalId ?? undefined;
      const what = {
        subject: rule.id,
        about: [
          ...(rule.serviceResourceId === undefined ? [] : [rule.serviceResourceId]),
          ...(rule.fqdn === undefined ? [] : [rule.fqdn]),
        ],
        data: {
          workspaceId: id,
          rule,
          location: location ?? "",
          ...(sku === undefined ? {} : { sku }),
          ...(principal === undefined ? {} : { principal }),
        },
        evidence: [
          armEvidence(rule.id, "properties.status", rule.status, "Active"),
          ...(rule.error === undefined ? [] : [armEvidence(rule.id, "properties.errorInformation", rule.error)]),
        ],
      };
      if (rule.status === undefined || /^(?:provisioning|deleting)$/i.test(rule.status))
        return say.found("mn-outbound-rule-not-active", { ...what, as: "warning" });
      if (/RequestDisallowedByPolicy/i.test(rule.error ?? "")) return say.found("mn-custom-policy-denies-pe", what);
      if (/AuthorizationFailed|does not have authorization/i.test(rule.error ?? ""))
        return say.found("mn-rbac-pe-permissions", what);
      if (rule.kind === "fqdn" && firewallTrouble.test(rule.error ?? ""))
        return say.found("mn-firewall-sku-or-region", {
          ...what,
          // The firewall is one for all rules by name.
          about: [...what.about, ...idle.filter(({ kind }) => kind === "fqdn").map((each) => each.id)],
          inferredFrom: "the words of the service's error, which name the firewall",
          ruledOut: [
            { id: "mn-custom-policy-denies-pe", by: "the error names no policy" },
            ...(rules.some(({ status }) => sameText(status, "Active"))
              ? [{ id: "mn-not-provisioned", by: "other rules are Active, so the network is built" }]
              : []),
          ],
        });
      return say.found("mn-outbound-rule-not-active", what);
    });
  },
});
