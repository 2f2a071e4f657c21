import { armEvidence } from "../../src/model/evidence.ts";
import { parseArmId } from "../../src/model/arm-id.ts";
import type { Verdict } from "../../src/model/finding.ts";
import { prefixCoverage } from "../../src/model/network-rules.ts";
import { valueOf } from "../../src/model/observation.ts";
import { defineProbe, reason } from "../../src/model/probe.ts";
import { az } from "../../src/model/remediation.ts";
import { sameText, shortList } from "../../src/model/text.ts";
import { subnetPrefixes, subnets } from "../../src/facts/subnets.ts";
import { networkHome } from "../../src/facts/hub.ts";

const docs = "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet#prerequisites";

/** The range that Docker takes for its bridge on every machine. */
const dockerBridge = "172.17.0.0/16";

/**
 * Containers on a compute send what goes to Docker's own range to the bridge and never to the network, so nothing in that
 * range can be reached from them. It hurts where a private endpoint or compute stands in it; the rest of a network in it
 * is only a risk. Managed networks have ranges of their own.
 */
export default defineProbe({
  id: "network/address-space",
  title: "Nothing stands in the address range that containers use for themselves",
  layer: "control-plane",
  docs: [docs],
  needs: { workspace: networkHome, subnets },
  consequence: "Whether a network's addresses collide with Docker's",
  advisory: true,
  reasons: {
    "ws-vnet-address-conflict": reason<{ subnetId: string; prefixes: string[] }>({
      severity: "error",
      title: "A subnet lies in the address range of Docker's bridge, which containers cannot reach",
      detail: ({ prefixes }) =>
        `${shortList(prefixes)} overlaps ${dockerBridge}: containers on computes send that traffic to their own machine.`,
      fix({ subnetId }) {
        const subnet = parseArmId(subnetId);
        const at =
          subnet === undefined
            ? []
            : ["--subscription", subnet.subscriptionId, "--resource-group", subnet.resourceGroup];
        return {
          summary: `Plan a subnet outside of ${dockerBridge}, create the private endpoints and computes anew there, and take the old ones away last`,
          commands:
            subnet === undefined
              ? []
              : [
                  az(
                    "network",
                    "vnet",
                    "show",
                    ...at,
                    "--name",
                    subnet.names[0] ?? "",
                    "--query",
                    "{space:addressSpace.addressPrefixes, subnets:subnets[].{name:name, prefix:addressPrefix}}",
                  ),
                ],
          warning:
            "There is no change in place: a private endpoint keeps its address for life. Zone groups keep the records right when endpoints are made anew.",
          verify:
            subnet === undefined
              ? []
              : [
                  az(
                    "network",
                    "private-endpoint",
                    "list",
                    "--subscription",
                    subnet.subscriptionId,
                    "--query",
                    "[].{name:name, subnet:subnet.id}",
                    "--output",
                    "table",
                  ).text,
                ],
          docs,
        };
      },
    }),
  },
  judge({ workspace: { properties }, subnets: all }, say) {
    const mode = properties.managedNetwork?.isolationMode;
    const isManaged = Boolean(mode) && !sameText(mode, "Disabled");
    const verdicts = all.flatMap((place): Verdict[] => {
      const subnet = valueOf(place.is)?.subnet;
      const prefixes =
        subnet === undefined
          ? []
          : subnetPrefixes(subnet).filter((prefix) => prefixCoverage(dockerBridge, prefix) !== "none");
      if (prefixes.length === 0) return [];
      const matters =
        !isManaged &&
        all.some(({ uses }) => uses.includes("compute")) &&
        (place.uses.includes("private-endpoint") || place.uses.includes("compute"));
      return [
        say.found("ws-vnet-address-conflict", {
          subject: place.id,
          data: { subnetId: place.id, prefixes },
          evidence: [
            armEvidence(place.id, "properties.addressPrefix", prefixes.join(", "), `outside of ${dockerBridge}`),
          ],
          inferredFrom: "the address plan; Docker's range on the computes can have been changed",
          ...(matters ? {} : { as: "warning" as const }),
        }),
      ];
    });
    return verdicts.length > 0 ? verdicts : say.pass();
  },
});
