import { armEvidence, type Evidence } from "../model/evidence.ts";
import { sameText } from "../model/text.ts";
import { computeErrors, type Compute } from "./computes.ts";

/** Nodes of a cluster that its service cannot use. */
export function unusableNodes({ properties }: Compute): number {
  return properties.properties?.nodeStateCounts?.unusableNodeCount ?? 0;
}

/** Whether a compute could not be made, or its nodes or its own errors say that it does not work. */
export function isAiling(compute: Compute): boolean {
  const { provisioningState, properties } = compute.properties;
  return (
    unusableNodes(compute) > 0 ||
    sameText(provisioningState, "Failed") ||
    sameText(properties?.state, "CreateFailed") ||
    sameText(properties?.state, "SetupFailed") ||
    sameText(properties?.state, "Unusable") ||
    computeErrors(compute).length > 0
  );
}

/** What the service says of a compute that it refused for its own sake, before any node had to reach anything. */
const refusals =
  /region|(?<!al)location|delegat|quota|\bcores?\b|RequestDisallowedByPolicy|Scope ?Locked|network ?policies/i;

/** Whether a compute was never made, for reasons that the service names and that no way out could mend. */
export function wasRefused(compute: Compute): boolean {
  const said = computeErrors(compute);
  return (
    sameText(compute.properties.provisioningState, "Failed") &&
    unusableNodes(compute) === 0 &&
    said.length > 0 &&
    said.every((line) => refusals.test(line))
  );
}

/** Whether nodes of a cluster work at this moment, which they can only do with what they need to reach. */
export function isWorking(compute: Compute): boolean {
  const counts = compute.properties.properties?.nodeStateCounts;
  return !isAiling(compute) && (counts?.idleNodeCount ?? 0) + (counts?.runningNodeCount ?? 0) > 0;
}

/** Whether a compute's nodes have public addresses; undefined when it does not say. */
export function hasPublicAddress({ properties }: Compute): boolean | undefined {
  const its = properties.properties;
  if (typeof its?.enableNodePublicIp === "boolean") return its.enableNodePublicIp;
  return its?.connectivityEndpoints?.publicIpAddress ? true : undefined;
}

/** What a compute says of its nodes, or of itself where it has none. */
export function stateEvidence({ id, properties }: Compute): Evidence {
  return armEvidence(
    id,
    "properties.properties.nodeStateCounts",
    properties.properties?.nodeStateCounts ?? properties.provisioningState,
  );
}
