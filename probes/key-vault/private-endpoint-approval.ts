import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { approveConnection, listConnections, recreateEndpoint } from "../../src/model/access-commands.ts";
import { maybe } from "../../src/model/fact.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import { waitingConnections, type WaitingConnection } from "../../src/facts/waiting-connections.ts";

const docs = "https://learn.microsoft.com/azure/key-vault/general/private-link-service";

/**
 * Only Approved connections carry traffic. Connections of the managed network are judged with its rules; those of
 * strangers on a shared vault are theirs.
 */
export default defineProbe({
  id: "key-vault/private-endpoint-approval",
  title: "The key vault's private endpoint connections are approved",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/private-link/manage-private-endpoint"],
  needs: { keyVault: maybe(keyVault), waiting: waitingConnections },
  consequence: "Whether the key vault's private endpoint is approved",
  reasons: {
    "kv-pe-not-approved": reason<WaitingConnection>({
      severity: "error",
      heals: ({ status }) => sameText(status, "Pending"),
      title: "The private endpoint connection of the key vault is not approved, so it carries no traffic",
      detail: ({ endpointId, status }) =>
        `The connection of ${parseArmId(endpointId)?.name ?? "the private endpoint"} is ${status ?? "in no known state"}, expected Approved.`,
      fix: ({ connectionId, endpointId, resourceId, status, subnetId, zone }) =>
        sameText(status, "Pending")
          ? {
              summary: "Approve the connection (the vault's owner does this)",
              commands: [approveConnection(connectionId)],
              warning:
                "Make sure that the private endpoint is one that your organisation made. Needs Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action on the vault.",
              takesEffect: "Within a few minutes",
              verify: [listConnections(resourceId)],
              docs,
            }
          : {
              summary: `Delete the private endpoint and create it again: a connection that is ${status ?? "in this state"} cannot be approved any more`,
              commands:
                endpointId === undefined
                  ? []
                  : recreateEndpoint(endpointId, { targetId: resourceId, groupId: "vault", subnetId, zone }),
              warning:
                "The new endpoint may get another address: look for firewall rules and hand-made records that hold the old one. The new connection may need the vault owner's approval.",
              takesEffect: "Within a few minutes of the new endpoint",
              verify: [listConnections(resourceId)],
              docs,
            },
      rivals: ["dns-record-stale", "cv-tcp-443-to-pe-blocked", "kv-bypass-not-azureservices"],
    }),
  },
  judge({ keyVault: vault, waiting }, say) {
    if (vault === undefined) return say.skip("the workspace has no key vault");
    const ours = waiting.filter(
      ({ service, owner }) => service === "key-vault" && (owner === "customer" || owner === "unreadable"),
    );
    if (ours.length === 0) return say.pass(undefined, { subject: vault.id });
    return ours.map((each) =>
      say.found("kv-pe-not-approved", {
        subject: each.connectionId,
        about: [
          vault.id,
          ...(each.endpointId === undefined ? [] : [each.endpointId]),
          ...each.fqdns,
          ...each.addresses,
        ],
        data: each,
        evidence: [
          armEvidence(
            each.connectionId,
            each.leftOver
              ? "properties.privateLinkServiceConnections[].properties.privateLinkServiceConnectionState.status"
              : "properties.privateLinkServiceConnectionState.status",
            each.status,
            "Approved",
          ),
        ],
        ruledOut: [
          { id: "cv-tcp-443-to-pe-blocked", by: "the service itself says that the connection carries nothing" },
          { id: "dns-record-stale", by: "the fault is the connection's state, whatever address the name has" },
        ],
        // A connection that nobody here uses, or whose endpoint could not be read, is not what stops anybody.
        ...(each.spare || each.owner === "unreadable" ? { as: "warning" as const } : {}),
      }),
    );
  },
});
