import { parseArmId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { approveOrRecreate } from "../../src/model/private-endpoint-remedies.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { keyVault } from "../../src/facts/key-vault.ts";
import {
  waitingConnections,
  waitingEvidence,
  waitingTopics,
  type WaitingConnection,
} from "../../src/facts/waiting-connections.ts";

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
  needs: { keyVault: raw(keyVault), waiting: waitingConnections },
  consequence: "Whether the key vault's private endpoint is approved",
  reasons: {
    "kv-pe-not-approved": reason<WaitingConnection>({
      severity: "error",
      heals: ({ status }) => sameText(status, "Pending"),
      title: "The private endpoint connection of the key vault is not approved, so it carries no traffic",
      detail: ({ endpointId, status }) =>
        `The connection of ${parseArmId(endpointId)?.name ?? "the private endpoint"} is ${status ?? "in no known state"}, expected Approved.`,
      fix: (connection) =>
        approveOrRecreate(connection, {
          owner: "vault",
          groupId: "vault",
          permission: "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action on the vault",
          docs,
        }),
      rivals: ["dns-record-stale", "cv-tcp-443-to-pe-blocked", "kv-bypass-not-azureservices"],
    }),
  },
  judge({ keyVault: vault, waiting }, say) {
    if (vault.is === "absent") return say.skip("the workspace has no key vault");
    const open = vault.is === "gap" ? [say.unknown(vault)] : [];
    const ours = waiting.filter(
      ({ service, owner }) => service === "key-vault" && (owner === "customer" || owner === "unreadable"),
    );
    if (ours.length === 0) return vault.is === "gap" ? open : say.pass(undefined, { subject: vault.value.id });
    const found = ours.map((each) =>
      say.found("kv-pe-not-approved", {
        subject: each.connectionId,
        about: waitingTopics(each),
        data: each,
        evidence: [waitingEvidence(each)],
        ruledOut: [
          { id: "cv-tcp-443-to-pe-blocked", by: "the service itself says that the connection carries nothing" },
          { id: "dns-record-stale", by: "the fault is the connection's state, whatever address the name has" },
        ],
        // A connection that nobody here uses, or whose endpoint could not be read, is not what stops anybody.
        ...(each.spare || each.owner === "unreadable" ? { as: "warning" as const } : {}),
      }),
    );
    return [...found, ...open];
  },
});
