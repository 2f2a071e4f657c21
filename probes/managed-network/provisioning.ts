import { armEvidence } from "../../src/model/evidence.ts";
import { provisionNetwork } from "../../src/model/deployment-commands.ts";
import { apiVersions } from "../../src/model/api-versions.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { azRest } from "../../src/model/remediation.ts";
import { sameText } from "../../src/model/text.ts";
import { networkHome } from "../../src/facts/hub.ts";
import { workspace } from "../../src/facts/workspace.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#manually-provision-a-managed-vnet";

/** Setting an isolation mode stores an intention; the network is built later, by a call or with the first compute. */
export default defineProbe({
  id: "managed-network/provisioning",
  title: "The managed network is provisioned",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace, space: networkHome },
  consequence: "Whether the managed network exists",
  reasons: {
    "mn-not-provisioned": reason<{ workspaceId: string; mode: string; status: string }>({
      severity: "error",
      title: "The managed network is configured but not provisioned",
      detail: ({ mode, status }) =>
        `isolationMode is ${mode} and the network's status is ${status}, expected Active. Online deployments are refused, and its outbound rules stay Inactive, until it is built.`,
      fix: ({ workspaceId }) => ({
        summary: "Provision the managed network",
        commands: [provisionNetwork(workspaceId)],
        warning:
          "Settle the public access of the workspace and its dependencies first: which private endpoints the service creates by itself is decided now. Set includeSpark to true when serverless Spark is used. With the ml extension: az ml workspace provision-network.",
        takesEffect: "about 30 minutes, and 10 more with the first FQDN rule",
        verify: [
          `${azRest("get", workspaceId, apiVersions.machineLearning).text} --query properties.managedNetwork.status.status`,
        ],
        docs,
      }),
      causedBy: ["mn-provider-not-registered"],
      rivals: ["mn-outbound-rule-not-active"],
    }),
  },
  judge({ workspace: asked, space: { id, properties } }, say) {
    // A project's computes stand in its hub's network; what the project repeats of it has no state.
    const network = properties.managedNetwork;
    const mode = network?.isolationMode;
    if (!mode || sameText(mode, "Disabled")) return say.skip("the workspace has no managed network");
    const status = network.status?.status;
    const evidence = [
      armEvidence(id, "properties.managedNetwork.isolationMode", mode),
      armEvidence(id, "properties.managedNetwork.status.status", status ?? undefined, "Active"),
    ];
    if (sameText(status, "Active")) return say.pass(undefined, { subject: id, evidence });
    if (status && !sameText(status, "Inactive")) return say.skip(`the managed network is ${status}`, id);
    const active = Object.values(network.outboundRules ?? {}).filter(
      (rule) => sameText(rule.type, "PrivateEndpoint") && sameText(rule.status, "Active"),
    );
    if (!status && active.length > 0)
      return say.pass("The managed network carries no status; its private endpoint rules are Active, so it is built", {
        subject: id,
        evidence,
      });
    return say.found("mn-not-provisioned", {
      subject: id,
      about: [asked.id],
      data: { workspaceId: id, mode, status: status ?? "absent" },
      evidence,
      ruledOut: [{ id: "mn-outbound-rule-not-active", by: "no rule can be Active before the network is" }],
      ...(status ? {} : { inferredFrom: "a status that is absent and no private endpoint rule that is Active" }),
    });
  },
});
