import { armEvidence } from "../../src/model/evidence.ts";
import { provisionNetwork } from "../../src/model/deployment-commands.ts";
import { maybe, raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { networkRegistrations } from "../../src/facts/network-registrations.ts";
import { outboundRules, type ManagedRule } from "../../src/facts/outbound-rules.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#prerequisites";

interface Unregistered {
  readonly subscription: string;
  readonly state: string;
  readonly workspaceId: string;
  readonly built: boolean;
}

const isUnregistered = ({ error }: ManagedRule): boolean =>
  /MissingSubscriptionRegistration|not registered to use namespace/i.test(error ?? "");

/**
 * The managed network and its private endpoints are made by Microsoft.Network, which a new subscription does not have
 * registered. What stands already goes on working without: then it is a remark.
 */
export default defineProbe({
  id: "managed-network/provider-registration",
  title: "Microsoft.Network is registered where the managed network needs it",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace: networkHome, registrations: maybe(networkRegistrations), rules: raw(outboundRules) },
  consequence: "Whether Microsoft.Network is registered in the subscriptions that the managed network uses",
  advisory: true,
  reasons: {
    "mn-provider-not-registered": reason<Unregistered>({
      severity: "error",
      heals: ({ state }) => sameText(state, "Registering"),
      title:
        "The resource provider Microsoft.Network is not registered in a subscription that the managed network uses",
      detail: ({ subscription, state }) =>
        `registrationState in subscription ${subscription} is ${state}, expected Registered: nothing of a network can be made there.`,
      fix: ({ subscription, workspaceId, built }) => ({
        summary: built ? "Register the provider" : "Register the provider, then provision the managed network",
        commands: [
          az("provider", "register", "--namespace", "Microsoft.Network", "--subscription", subscription, "--wait"),
          ...(built ? [] : [provisionNetwork(workspaceId)]),
        ],
        warning: "Needs Microsoft.Network/register/action on the subscription, which Contributor and Owner have.",
        takesEffect: "Within a few minutes",
        verify: [
          az(
            "provider",
            "show",
            "--namespace",
            "Microsoft.Network",
            "--subscription",
            subscription,
            "--query",
            "registrationState",
          ).text,
        ],
        docs,
      }),
      rivals: ["mn-rbac-pe-permissions", "mn-custom-policy-denies-pe"],
    }),
  },
  judge({ workspace: { id, properties }, registrations, rules }, say) {
    if (registrations === undefined) return say.skip("the workspace has no managed network", id);
    const all = valueOf(rules) ?? [];
    const built = sameText(properties.managedNetwork?.status?.status, "Active");
    return registrations.map(({ id: subscriptionId, is }): Verdict => {
      const subscription = subscriptionId.split("/").at(-1) ?? "";
      const subject = `${subscriptionId}/providers/Microsoft.Network`;
      if (is.is === "gap") return say.unknown(is, { subject, matters: false });
      const state = valueOf(is)?.registrationState;
      if (!state) return say.skip("the subscription says nothing of the provider", subject);
      if (sameText(state, "Registered")) return say.pass(undefined, { subject });
      const home = id.toLowerCase().startsWith(`${subscriptionId.toLowerCase()}/`);
      const told = all.filter(isUnregistered);
      const waiting = all.filter(
        (rule) =>
          !sameText(rule.status, "Active") &&
          (isUnregistered(rule) ||
            home ||
            rule.serviceResourceId?.split("/")[2]?.toLowerCase() === subscription.toLowerCase()),
      );
      const hurts = told.length > 0 || (home && !built) || waiting.some(({ status }) => sameText(status, "Failed"));
      return say.found("mn-provider-not-registered", {
        subject,
        about: [...(home ? [id] : []), ...waiting.map((rule) => rule.id)],
        data: { subscription, state, workspaceId: id, built },
        evidence: [
          armEvidence(subject, "registrationState", state, "Registered"),
          armEvidence(
            id,
            "properties.managedNetwork.status.status",
            properties.managedNetwork?.status?.status ?? undefined,
            "Active",
          ),
          ...[...told, ...waiting]
            .slice(0, 1)
            .map((rule) => armEvidence(rule.id, "properties.status", rule.error ?? rule.status, "Active")),
        ],
        ruledOut: [
          {
            id: "mn-rbac-pe-permissions",
            by: "without the provider nobody can make a private endpoint in that subscription, whatever the rights",
          },
        ],
        ...(hurts && !sameText(state, "Registering") ? {} : { as: "warning" as const }),
      });
    });
  },
});
