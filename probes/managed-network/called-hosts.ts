import { isPrivateAddress } from "../../src/model/address.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import { armEvidence } from "../../src/model/evidence.ts";
import { listOutboundRules, putOutboundRule } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { raw } from "../../src/model/fact.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest, type Remediation } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { deploymentLogs } from "../../src/facts/deployment-logs.ts";
import { linkedResources, type LinkedResource } from "../../src/facts/linked-resources.ts";
import { onlineEndpoints } from "../../src/facts/online-endpoints.ts";
import { coversHost, outboundRules } from "../../src/facts/outbound-rules.ts";
import type { RefusedCall } from "../../src/facts/refused-call.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#manage-outbound-rules";

interface Blocked {
  readonly workspaceId: string;
  readonly mode: string;
  readonly call: RefusedCall;
  readonly resource?: LinkedResource;
  readonly why: string;
}

const ruleName = (host: string): string =>
  host
    .replace(/[^a-z0-9]+/gi, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);

function fix({ workspaceId, call: { host }, resource }: Blocked): Remediation {
  const name = ruleName(host);
  const subresource = resource?.subresource;
  const privateRule = resource !== undefined && subresource !== undefined;
  return {
    summary: privateRule
      ? `Add a private endpoint outbound rule to ${parseArmId(resource.resourceId)?.name ?? host}`
      : `Add an outbound rule to ${host}`,
    commands: [
      listOutboundRules(workspaceId),
      privateRule
        ? putOutboundRule(workspaceId, name, {
            type: "PrivateEndpoint",
            destination: {
              serviceResourceId: resource.resourceId,
              subresourceTarget: subresource,
              sparkEnabled: false,
            },
          })
        : putOutboundRule(workspaceId, name, { type: "FQDN", destination: host }),
    ],
    warning: privateRule
      ? "The new connection must be approved on the target unless the workspace's identity may do so."
      : /\.azurecr\.\w+$/.test(host)
        ? "A registry sends the layers from other hosts than its own name. Where the registry's id is known, make the rule one to its private endpoint (sub-resource registry) instead: it carries both. The endpoint's identity needs AcrPull there as well."
        : "The first FQDN rule brings an Azure Firewall and its cost. FQDN rules carry ports 80 and 443 only, and do not work for Azure Storage.",
    takesEffect: "some minutes; 10 with the first FQDN rule",
    verify: [
      `${azRest("get", `${workspaceId}/outboundRules/${name}`, apiVersions.machineLearning).text} --query properties.status`,
    ],
    docs,
  };
}

const detail = ({ call, mode, why }: Blocked): string =>
  `The container's connection to ${call.host}${call.port === undefined ? "" : `:${call.port}`} ${call.outcome === "timed-out" ? "timed out" : `was ${call.outcome}`}; isolationMode is ${mode}. ${why}`;

/**
 * What a deployment calls and the managed network does not let it reach: the call in its log, and no rule for it. A call
 * that a rule covers failed for another reason. With internet outbound, public hosts are open, so only a target that is
 * closed to the public needs a rule.
 */
export default defineProbe({
  id: "managed-network/called-hosts",
  title: "The managed network lets the deployments reach what they call",
  layer: "transport",
  docs: [docs],
  needs: {
    workspace: networkHome,
    rules: outboundRules,
    endpoints: onlineEndpoints,
    logs: deploymentLogs,
    linked: raw(linkedResources),
  },
  consequence: "Whether the deployments reach what they call",
  advisory: true,
  reasons: {
    "mn-outbound-rule-missing": reason<Blocked>({
      severity: "error",
      title: "The managed network has no outbound rule to a host that a deployment calls",
      detail,
      fix,
      rivals: ["mn-outbound-rule-not-active", "mn-not-provisioned"],
      causedBy: ["mn-provisioned-with-public-access"],
    }),
    "mn-fqdn-rule-missing-or-limited": reason<Blocked>({
      severity: "error",
      title: "The outbound rule that exists cannot carry what a deployment calls",
      detail,
      fix,
      rivals: ["mn-outbound-rule-missing"],
    }),
    "mn-onprem-or-nonhttps-target": reason<Blocked>({
      severity: "error",
      title: "A deployment calls a private address, which a managed network does not reach",
      detail,
      fix: ({ workspaceId }) => ({
        summary:
          "Publish the target behind a private link service or an Application Gateway (HTTPS), and add a private endpoint outbound rule to it",
        commands: [listOutboundRules(workspaceId)],
        warning: "A managed network cannot be peered with a virtual network of yours.",
        verify: [listOutboundRules(workspaceId).text],
        docs: "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall",
      }),
    }),
  },
  judge({ workspace: { id, properties }, rules, endpoints, logs, linked }, say) {
    const mode = properties.managedNetwork?.isolationMode ?? "";
    const approvedOnly = sameText(mode, "AllowOnlyApprovedOutbound");
    const managed = endpoints.flatMap(({ endpoint, deployments }) =>
      (valueOf(deployments) ?? [])
        .filter(({ properties: each }) => !sameText(each.endpointComputeType, "Kubernetes"))
        .map((deployment) => ({ endpointId: endpoint.id, deployment })),
    );
    const byHost = new Map<string, { call: RefusedCall; sources: string[] }>();
    for (const { endpointId, deployment } of managed) {
      const log = logs.find((each) => each.id.toLowerCase() === deployment.id.toLowerCase())?.is;
      // The registry is the image pull's business: other rules hold there, and its own check names them.
      for (const call of (log && valueOf(log)?.refusedCalls) ?? []) {
        const known = byHost.get(call.host) ?? { call, sources: [] };
        known.sources.push(deployment.id, endpointId);
        byHost.set(call.host, known);
      }
    }
    const found = [...byHost.values()].flatMap(({ call, sources }) => {
      const resource = (valueOf(linked) ?? []).find(({ host }) => host === call.host);
      const covering = rules.filter((rule) => coversHost(rule, call.host, resource));
      const storage = /\.(?:blob|file|queue|table|dfs)\.core\./.test(call.host);
      const byEndpoint = covering.filter(({ kind }) => kind === "private-endpoint");
      const limited = covering.filter(({ kind }) => kind === "fqdn");
      const what = (why: string): Omit<Parameters<typeof say.found<"mn-outbound-rule-missing">>[1], "reason"> => ({
        subject: resource?.resourceId ?? call.host,
        about: [call.host, ...new Set(sources)],
        data: { workspaceId: id, mode, call, why, ...(resource === undefined ? {} : { resource }) },
        evidence: [
          { kind: "log", source: `${sources[0] ?? id} getLogs`, observed: call.line },
          armEvidence(id, "properties.managedNetwork.isolationMode", mode),
          armEvidence(
            id,
            "outboundRules",
            covering.length === 0
              ? `none of ${rules.length} rules names ${call.host}${resource === undefined ? "" : ` or ${resource.resourceId}`}`
              : covering.map(({ name, status }) => `${name} (${status ?? "no status"})`).join(", "),
            "an Active rule that carries it",
          ),
        ],
      });
      if (byEndpoint.length > 0 || covering.some(({ kind }) => kind === "service-tag")) return [];
      if (isPrivateAddress(call.host))
        return [
          say.found("mn-onprem-or-nonhttps-target", what("A private address is outside of every outbound rule.")),
        ];
      if (!approvedOnly) {
        if (!sameText(resource?.publicNetworkAccess, "Disabled")) return [];
        return [
          say.found(
            "mn-outbound-rule-missing",
            what("The target is closed to the public and no private endpoint rule leads to it."),
          ),
        ];
      }
      if (limited.length > 0 && storage)
        return [
          say.found(
            "mn-fqdn-rule-missing-or-limited",
            what(
              "An FQDN rule names the host, but FQDN rules do not work for Azure Storage: it needs a private endpoint rule.",
            ),
          ),
        ];
      if (limited.length > 0 && call.port !== undefined && call.port !== 80 && call.port !== 443)
        return [
          say.found(
            "mn-fqdn-rule-missing-or-limited",
            what(
              `An FQDN rule names the host, but FQDN rules carry ports 80 and 443 only, and the call goes to ${call.port}.`,
            ),
          ),
        ];
      if (limited.length > 0 || (call.host.includes(".azurecr.") && covering.length > 0)) return [];
      const tags = rules.filter(({ kind, category }) => kind === "service-tag" && sameText(category, "UserDefined"));
      return [
        say.found("mn-outbound-rule-missing", {
          ...what(
            "No outbound rule names the host or the resource behind it, and this mode refuses all that no rule names.",
          ),
          ruledOut: [
            { id: "mn-outbound-rule-not-active", by: "there is no rule at all for this target" },
            ...(sameText(properties.managedNetwork?.status?.status, "Active")
              ? [{ id: "mn-not-provisioned", by: "the managed network is Active" }]
              : []),
          ],
          ...(tags.length > 0
            ? {
                inferredFrom: `the log and the rules; what the service tags ${tags.map(({ serviceTag }) => serviceTag ?? "").join(", ")} cover cannot be told from a name`,
              }
            : {}),
        }),
      ];
    });
    return found.length > 0
      ? found
      : say.pass("No deployment's log shows a call that the managed network refuses", { subject: id });
  },
});
