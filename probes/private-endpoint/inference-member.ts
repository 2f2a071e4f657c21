import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId, sameId } from "../../src/model/arm-id.ts";
import { maybe } from "../../src/model/fact.ts";
import { allSeen, gapsOf, valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { names } from "../../src/facts/names.ts";
import { privateEndpoints } from "../../src/facts/private-endpoints.ts";
import { connectionStatus } from "../../src/facts/reachability.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-online-endpoint#prerequisites";

interface NoMember {
  readonly endpointId: string;
  readonly workspaceId: string;
  readonly subnetId?: string;
}

/** Private endpoints carry online endpoints since then. */
const since = "2022-05-24";

const missing = (title: string) =>
  reason<NoMember>({
    severity: "error",
    title,
    detail: ({ endpointId }) =>
      `No interface of ${parseArmId(endpointId)?.name ?? endpointId} serves a name *.inference: the endpoint is older than 24 May 2022, or was made without that member.`,
    fix({ endpointId, workspaceId, subnetId }) {
      const endpoint = parseArmId(endpointId);
      const at = endpoint
        ? [
            "--subscription",
            endpoint.subscriptionId,
            "--resource-group",
            endpoint.resourceGroup,
            "--name",
            endpoint.name,
          ]
        : [];
      return {
        summary: "Delete and recreate the workspace's private endpoint (group amlworkspace) with its DNS zone group",
        commands:
          endpoint && subnetId
            ? [
                az("network", "private-endpoint", "delete", ...at),
                az(
                  "network",
                  "private-endpoint",
                  "create",
                  ...at,
                  "--subnet",
                  subnetId,
                  "--private-connection-resource-id",
                  workspaceId,
                  "--group-id",
                  "amlworkspace",
                  "--connection-name",
                  `${endpoint.name}-connection`,
                ),
              ]
            : [],
        warning:
          "Recreating the private endpoint interrupts all private access to the workspace and changes its addresses: plan a window and update hand-made DNS records afterwards.",
        takesEffect: "Within a few minutes of the new endpoint",
        verify: [`${az("network", "private-endpoint", "show", ...at).text} --query networkInterfaces[].id`],
        docs,
      };
    },
    rivals: ["infdns-a-record-missing"],
  });

/**
 * Private scoring comes in by an address of its own on the workspace's private endpoint. Endpoints made before it existed
 * (24 May 2022) lack it. Judged by the names on the interface alone: a date proves nothing, and the endpoint's DNS
 * configurations are empty as soon as a zone group is attached.
 */
export default defineProbe({
  id: "private-endpoint/inference-member",
  title: "The workspace's private endpoint has an address for online endpoints",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, privateEndpoints, names: maybe(names) },
  consequence: "Whether the private endpoint has an address for online endpoints",
  reasons: {
    "pe-inference-member-missing": missing("The workspace's private endpoint has no address for online endpoints"),
    "pe-predates-2022-05-24": missing(
      "The workspace's private endpoint is from before 24 May 2022 and has no address for online endpoints",
    ),
  },
  judge({ workspace: space, privateEndpoints: known, names: all }, say) {
    const inference = (all ?? []).filter(({ service }) => service === "inference");
    const verdicts = known.entries
      .filter(({ targets, endpoint }) => targets.some((target) => sameId(target, space.id)) && endpoint.is !== "absent")
      .map((entry) => {
        const gap = gapsOf([entry.endpoint, ...entry.interfaces.map(({ is }) => is)])[0];
        if (gap) return say.unknown(gap, { subject: entry.id });
        if (!sameText(connectionStatus(entry), "Approved"))
          return say.skip("the connection is not approved, and its interface has no names before that", entry.id);
        const fqdns = allSeen(entry.interfaces.map(({ is }) => is))
          .flatMap((nic) => nic.properties.ipConfigurations ?? [])
          .flatMap((configuration) => configuration.properties?.privateLinkConnectionProperties?.fqdns ?? []);
        if (fqdns.length === 0)
          return say.unknown("the interface lists no names", { subject: entry.id, matters: false });
        const evidence = [
          armEvidence(
            entry.interfaces[0]?.id ?? entry.id,
            "properties.ipConfigurations[].properties.privateLinkConnectionProperties.fqdns",
            fqdns,
            "a name under inference",
          ),
        ];
        if (fqdns.some((fqdn) => /(^|\.)inference\./i.test(fqdn)))
          return say.pass(undefined, { subject: entry.id, evidence });
        const subnetId = valueOf(entry.endpoint)?.properties.subnet?.id;
        // The workspace bounds the endpoint's age from below only: an old workspace may have a young endpoint.
        const created = space.properties.creationTime ?? "";
        const isOld = /^\d{4}-\d{2}-\d{2}/.test(created) && created.slice(0, 10) < since;
        return say.found(isOld ? "pe-predates-2022-05-24" : "pe-inference-member-missing", {
          subject: entry.id,
          about: [space.id, ...inference.map(({ fqdn }) => fqdn)],
          data: { endpointId: entry.id, workspaceId: space.id, ...(subnetId === undefined ? {} : { subnetId }) },
          evidence: isOld
            ? [...evidence, armEvidence(space.id, "properties.creationTime", created, `${since} or later`)]
            : evidence,
          ...(isOld
            ? {
                confidence: "likely" as const,
                inferredFrom:
                  "the missing address, which was seen, and the age of the workspace; the endpoint's own date is not told",
              }
            : {}),
          ruledOut: [
            {
              id: "infdns-a-record-missing",
              by: "a record would have nothing to point at: the endpoint has no such address",
            },
          ],
          // Without a private online endpoint nobody misses the address yet.
          ...(inference.some(({ publicAccess }) => publicAccess === "closed") ? {} : { as: "warning" as const }),
        });
      });
    return verdicts.length > 0
      ? verdicts
      : say.skip("the workspace has no private endpoint that can be read", space.id);
  },
});
