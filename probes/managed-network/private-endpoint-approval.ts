import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { grantRole, listConnections } from "../../src/model/access-commands.ts";
import { applyRule, provisionNetwork, removeRule } from "../../src/model/deployment-commands.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { outboundRules, type ManagedRule } from "../../src/facts/outbound-rules.ts";
import { registry } from "../../src/facts/registry.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#approval-of-private-endpoints";

interface Waiting {
  readonly connectionId: string;
  readonly workspaceId: string;
  readonly targetId: string;
  readonly status: string;
  /** The rule that the endpoint is made for, where one bears its name. */
  readonly rule?: ManagedRule;
  readonly principal?: string;
}

/**
 * The managed network's private endpoints are Microsoft's; what can be seen is the connection on the target. One belongs to
 * a rule when it bears the rule's name, as the service names its endpoints, or this network's id.
 */
export default defineProbe({
  id: "managed-network/private-endpoint-approval",
  title: "Every private endpoint of the managed network is approved on its target",
  layer: "control-plane",
  docs: [docs],
  needs: {
    workspace: networkHome,
    rules: outboundRules,
    keyVault: raw(keyVault),
    registry: raw(registry),
    accounts: raw(storageAccounts),
  },
  consequence: "Whether the managed network's private endpoints are approved",
  reasons: {
    "mn-outbound-pe-pending": reason<Waiting>({
      severity: "error",
      heals: ({ status }) => sameText(status, "Pending"),
      title: "A private endpoint of the managed network is not approved on its target",
      detail: ({ status, targetId }) => `The connection on ${targetId} is ${status}, expected Approved.`,
      fix: ({ connectionId, workspaceId, targetId, status, rule, principal }) => ({
        summary: sameText(status, "Pending")
          ? "Approve the connection on the target"
          : `Make the rule's private endpoint anew, and approve the new connection on the target: one that is ${status} cannot be approved any more`,
        commands: [
          az("network", "private-endpoint-connection", "list", "--id", targetId),
          ...(sameText(status, "Pending")
            ? [
                az(
                  "network",
                  "private-endpoint-connection",
                  "approve",
                  "--id",
                  connectionId,
                  "--description",
                  "Approved for the workspace's managed network",
                ),
              ]
            : [
                az("network", "private-endpoint-connection", "delete", "--id", connectionId, "--yes"),
                ...(rule === undefined ? [] : removeRule(workspaceId, rule)),
              ]),
          ...(principal === undefined
            ? []
            : [grantRole(principal, "Azure AI Enterprise Network Connection Approver", targetId)]),
          ...(sameText(status, "Pending")
            ? []
            : [rule === undefined ? provisionNetwork(workspaceId) : applyRule(workspaceId, rule)]),
        ],
        warning:
          "The target's owner decides. The role spares later rules the waiting; the first rule does not need it.",
        takesEffect: "some minutes, until the rule is Active",
        verify: [
          sameText(status, "Pending")
            ? `${az("network", "private-endpoint-connection", "show", "--id", connectionId).text} --query properties.privateLinkServiceConnectionState.status`
            : listConnections(targetId),
        ],
        docs,
      }),
      causedBy: ["mn-rbac-pe-permissions"],
    }),
  },
  judge({ workspace: { id, identity, properties }, rules, keyVault: vault, registry: images, accounts }, say) {
    const targets = [vault, images, ...(valueOf(accounts) ?? []).map(({ is }) => is)];
    const seenTargets = targets.flatMap((target) => valueOf(target) ?? []);
    const networkId = properties.managedNetwork?.networkId?.toLowerCase();
    const found = seenTargets.flatMap((target) =>
      (target.properties.privateEndpointConnections ?? []).flatMap((connection) => {
        const state = connection.properties?.privateLinkServiceConnectionState;
        const endpoint = connection.properties?.privateEndpoint?.id ?? "";
        const rule = rules.find(
          ({ name, kind, serviceResourceId }) =>
            kind === "private-endpoint" &&
            sameId(serviceResourceId, target.id) &&
            sameText(parseArmId(endpoint)?.name, name),
        );
        const ours =
          rule !== undefined ||
          (networkId !== undefined && networkId !== "" && endpoint.toLowerCase().includes(networkId));
        if (!ours || !state?.status || sameText(state.status, "Approved")) return [];
        const principal = identity?.principalId ?? undefined;
        return [
          say.found("mn-outbound-pe-pending", {
            subject: connection.id,
            about: [target.id, ...(rule === undefined ? [] : [rule.id])],
            data: {
              connectionId: connection.id,
              workspaceId: id,
              targetId: target.id,
              status: state.status,
              ...(rule === undefined ? {} : { rule }),
              ...(principal === undefined ? {} : { principal }),
            },
            evidence: [
              armEvidence(
                connection.id,
                "properties.privateLinkServiceConnectionState.status",
                state.status,
                "Approved",
              ),
              ...(rule === undefined ? [] : [armEvidence(rule.id, "properties.status", rule.status, "Active")]),
            ],
          }),
        ];
      }),
    );
    const open = gapsOf([vault, images, accounts, ...(valueOf(accounts) ?? []).map(({ is }) => is)]).map((gap) =>
      say.unknown(gap, {
        consequence: "Whether the managed network's endpoint is approved on that resource",
        matters: rules.some(({ status, kind }) => kind === "private-endpoint" && !sameText(status, "Active")),
      }),
    );
    if (found.length + open.length > 0) return [...found, ...open];
    return say.pass(undefined, { subject: id });
  },
});
