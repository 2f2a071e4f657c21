import { sameId } from "../../src/model/arm-id.ts";
import { isPrivateAddress } from "../../src/model/address.ts";
import { armEvidence, reachEvidence } from "../../src/model/evidence.ts";
import { raw } from "../../src/model/fact.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { judgeFlow } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { listRulesOf, openGroup, type RuleNumbers } from "../../src/model/security-rule-commands.ts";
import { kubernetesNetworks } from "../../src/facts/kubernetes-networks.ts";
import { kubernetesScoring } from "../../src/facts/kubernetes-scoring.ts";
import { numbersOf, rulesOf } from "../../src/facts/network-security-groups.ts";
import { vantage } from "../../src/facts/vantage.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/v1/how-to-secure-inferencing-vnet";

interface Shut {
  readonly groupId: string;
  readonly rule: string;
  readonly source: string;
  readonly address: string;
  readonly port: number;
  readonly numbers: RuleNumbers;
}

/** The service tag of everything outside. */
const internet = "Internet";

const caution =
  "The rule has to change when the load balancer's address does. Keep the source narrow: widen it to the callers' subnets, never to everybody.";

/** Whether a security group before the router lets this machine in. Asked only where the router stays silent: a rule that
 * harms nobody is no fault. */
export default defineProbe({
  id: "aks-v1/scoring-security-group",
  title: "The security group before the router lets callers in",
  layer: "transport",
  docs: [docs],
  needs: { networks: kubernetesNetworks, paths: kubernetesScoring, vantage: raw(vantage) },
  consequence: "Whether a security group keeps callers from the router",
  reasons: {
    "aksv1-nsg-inbound-scoring-blocked": reason<Shut>({
      severity: "error",
      title: "A network security group keeps callers from the scoring address",
      detail: ({ rule, source, address, port }) =>
        `The rule ${rule} denies ${source} → ${address}:${port}, and the connection times out.`,
      fix: ({ groupId, source, address, port, numbers }) => ({
        summary: `Let the callers${source === internet ? "' public addresses" : ""} in to ${address}:${port}, and nobody else`,
        // Which public address a caller comes from is not known here, and the whole Internet is no answer.
        ...(source === internet
          ? { commands: listRulesOf(groupId), warning: caution }
          : openGroup(
              groupId,
              numbers,
              [
                {
                  name: "AllowScoring",
                  direction: "Inbound",
                  protocol: "Tcp",
                  sources: [source],
                  destinations: [address],
                  ports: [port],
                },
              ],
              caution,
            )),
        takesEffect: "At once for new connections",
        verify: [`nc -vz -w 5 ${address} ${port}`],
        docs,
      }),
    }),
  },
  judge({ networks, paths, vantage: here }, say) {
    if (paths.length === 0) return say.skip("no Kubernetes endpoint has a scoring URI");
    const own = valueOf(here)?.addresses[0];
    return paths.map((path): Verdict => {
      const silent = path.reaches.filter(({ tcp }) => tcp.outcome === "timeout");
      if (silent.length === 0) return say.skip("the router's address does not time out", path.host);
      if (own === undefined) return say.skip("this machine's own address is not known", path.host);
      for (const reach of silent) {
        // To a public address this machine comes from a public one, which is not known where its own is private.
        const inNetwork = isPrivateAddress(reach.address);
        const source = inNetwork || !isPrivateAddress(own) ? own : internet;
        for (const { clusterId, groups } of networks.filter((network) => sameId(network.clusterId, path.clusterId))) {
          for (const each of groups) {
            const group = valueOf(each.is);
            const decided =
              group &&
              judgeFlow(rulesOf(group), {
                direction: "Inbound",
                protocol: "Tcp",
                source: source === own ? { prefix: own, inNetwork: isPrivateAddress(own) } : { tag: source },
                destination: { prefix: reach.address, inNetwork },
                port: path.port,
              });
            if (group === undefined || decided?.access !== "Deny") continue;
            const rule = decided.rule?.name ?? "default";
            return say.found("aksv1-nsg-inbound-scoring-blocked", {
              subject: each.id,
              about: [path.host, path.endpointId, clusterId, `${reach.address}:${path.port}`],
              data: {
                groupId: each.id,
                rule,
                source,
                address: reach.address,
                port: path.port,
                numbers: numbersOf(group, "Inbound", [decided.rule?.name]),
              },
              evidence: [
                armEvidence(each.id, `rule ${rule}`, `Deny Inbound priority ${decided.rule?.priority ?? "?"}`, "Allow"),
                reachEvidence(reach, "open"),
              ],
            });
          }
        }
      }
      return say.pass("No security group before the router denies this machine", { subject: path.host });
    });
  },
});
