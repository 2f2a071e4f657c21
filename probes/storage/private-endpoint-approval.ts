import { parseArmId } from "../../src/model/arm-id.ts";
import { raw } from "../../src/model/fact.ts";
import { gapsOf, valueOf } from "../../src/model/observation.ts";
import { approveOrRecreate } from "../../src/model/private-endpoint-remedies.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { sameText } from "../../src/model/text.ts";
import { storageAccounts } from "../../src/facts/storage-accounts.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import {
  waitingConnections,
  waitingEvidence,
  waitingTopics,
  type WaitingConnection,
} from "../../src/facts/waiting-connections.ts";

const docs = "https://learn.microsoft.com/azure/storage/common/storage-private-endpoints";

/** Only Approved connections carry traffic. Those that the service made for a deployment's egress count here too: the
 * deployment reads its model through them. The managed network's are judged with its rules. */
export default defineProbe({
  id: "storage/private-endpoint-approval",
  title: "The storage accounts' private endpoint connections are approved",
  layer: "control-plane",
  docs: [docs, "https://learn.microsoft.com/azure/private-link/manage-private-endpoint"],
  needs: { accounts: storageAccounts, waiting: waitingConnections, endpoints: raw(onlineEndpoints) },
  consequence: "Whether the storage accounts' private endpoints are approved",
  reasons: {
    "st-pe-not-approved": reason<WaitingConnection>({
      severity: "error",
      heals: ({ status }) => sameText(status, "Pending"),
      title: "A private endpoint connection of the storage account is not approved, so it carries no traffic",
      detail: ({ endpointId, status, groupId }) =>
        `The connection of ${parseArmId(endpointId)?.name ?? "the private endpoint"}${groupId === undefined ? "" : ` (${groupId})`} is ${status ?? "in no known state"}, expected Approved.`,
      fix: (connection) =>
        approveOrRecreate(connection, {
          owner: "account",
          permission: "Microsoft.Storage/storageAccounts/PrivateEndpointConnectionsApproval/action",
          docs,
          anew:
            connection.owner === "deployment-egress"
              ? "Create the deployment anew: the service then makes a new private endpoint, which is approved on the account"
              : undefined,
        }),
      rivals: ["dns-record-stale", "cv-tcp-443-to-pe-blocked"],
    }),
  },
  judge({ accounts, waiting, endpoints }, say) {
    const gaps = gapsOf(accounts.map(({ is }) => is)).map((gap) => say.unknown(gap));
    const ours = waiting.filter(
      ({ service, owner }) => service === "storage" && owner !== "managed-network" && owner !== "foreign",
    );
    const deployments = (valueOf(endpoints) ?? [])
      .flatMap((each) => valueOf(each.deployments) ?? [])
      .filter(({ properties }) => sameText(properties.egressPublicNetworkAccess, "Disabled"));
    const settled =
      deployments.length > 0 &&
      deployments.every(({ properties }) => sameText(properties.provisioningState, "Succeeded"));
    const found = ours.map((each) => {
      const egress = each.owner === "deployment-egress";
      return say.found("st-pe-not-approved", {
        subject: each.connectionId,
        about: [...waitingTopics(each), ...(egress ? deployments.map(({ id }) => id) : [])],
        data: each,
        evidence: [waitingEvidence(each)],
        ruledOut: [
          { id: "cv-tcp-443-to-pe-blocked", by: "the service itself says that the connection carries nothing" },
        ],
        ...(each.spare || each.owner === "unreadable" || (egress && settled) ? { as: "warning" as const } : {}),
      });
    });
    return found.length + gaps.length > 0 ? [...found, ...gaps] : say.pass();
  },
});
