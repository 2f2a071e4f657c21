import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { valueOf } from "../../src/model/observation.ts";
import { letOut, namedRefused, refusedDetail, refusedPorts, type Refused } from "../../src/model/outbound-remedy.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { endpointPaths } from "../../src/facts/endpoint-paths.ts";
import { kubernetesScoring } from "../../src/facts/kubernetes-scoring.ts";
import { machineRefusals, silentAddresses } from "../../src/facts/machine-refusals.ts";
import { networkSecurityGroups } from "../../src/facts/network-security-groups.ts";
import { subnets } from "../../src/facts/subnets.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs =
  "https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall#scenario-visual-studio-code";

/**
 * The outbound rules around this machine. That it reads its rules at all proves that sign-in and management are reached, by
 * some way, so rules that refuse them are only a remark; the router of a Kubernetes endpoint that the rules refuse and that
 * does not answer is blocked by them. Rules that refuse private endpoints are told with the connections to those.
 */
export default defineProbe({
  id: "network/this-machine-rules",
  title: "The rules around this machine let it reach the workspace",
  layer: "control-plane",
  docs: [docs],
  needs: {
    targets: endpointPaths,
    routers: raw(kubernetesScoring),
    subnets,
    groups: networkSecurityGroups,
    vantage,
  },
  consequence: "Whether rules around this machine block what it needs",
  reasons: {
    "nsg-jumpbox-outbound-blocked": reason<Refused>({
      severity: "error",
      title: "The network security group around this machine blocks what it needs to reach",
      detail: refusedDetail,
      fix: letOut,
      rivals: ["pe-network-policies-block-traffic", "udr-routes-pe-through-nva", "pe-connection-not-approved"],
    }),
  },
  judge({ targets, routers, subnets: all, groups, vantage: here }, say) {
    if (here.subnetId === undefined || here.addresses[0] === undefined)
      return say.skip("this machine stands in no subnet whose rules could be read", here.name);
    const facts = { targets, routers: valueOf(routers) ?? [], subnets: all, groups, vantage: here };
    const around = machineRefusals(facts);
    if (around.length === 0)
      return say.pass("No network security group stands around this machine", { subject: here.name });
    return around.flatMap(({ id, is }): Verdict[] => {
      if (is.is === "gap") return [say.unknown(is, { subject: id, matters: silentAddresses(facts).length > 0 })];
      if (is.is === "absent") return [];
      const { refused, silent } = is.value;
      const first = silent[0];
      if (first === undefined && refused.tags.length === 0) return [say.pass(undefined, { subject: id })];
      if (silent.some(({ isEndpoint }) => isEndpoint))
        return [say.skip("the rules refuse private endpoints: told with the connections to them", id)];
      const verdict = say.found("nsg-jumpbox-outbound-blocked", {
        subject: id,
        about: [here.subnetId ?? "", ...silent.flatMap(({ topics }) => topics)],
        data: refused,
        evidence: [
          armEvidence(
            id,
            `properties.securityRules "${refused.rule ?? "default"}"`,
            `refuses TCP ${refusedPorts(refused).join(" and ")} to ${namedRefused(refused)}`,
            "allowed",
          ),
          ...(first === undefined ? [] : [reachEvidence(first.reach, "open")]),
        ],
        // Management was reached from here all the same.
        ...(first === undefined ? { as: "warning" as const } : {}),
      });
      return [verdict];
    });
  },
});
