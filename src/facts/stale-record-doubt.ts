import { sameId } from "../model/arm-id.ts";
import { valueOf, type Observation } from "../model/observation.ts";
import type { Path } from "./paths.ts";
import type { PrivateEndpointEntry } from "./private-endpoints.ts";
import { hiddenZones } from "./private-zones.ts";

/** Why an address that is not the private endpoint's need not be a stale record's: what else could give it was not seen. */
export function doubtOf(
  { name }: Path,
  isHeld: boolean,
  zones: Observation<{ searched: Parameters<typeof hiddenZones>[0]["searched"] }>,
  known: Observation<{ entries: readonly PrivateEndpointEntry[] }>,
): string | undefined {
  const others = (valueOf(known)?.entries ?? []).filter(
    ({ endpoint, targets }) => endpoint.is === "gap" && targets.some((id) => sameId(id, name.resourceId)),
  );
  if (others.length > 0 || known.is === "gap")
    return "the answer of Azure DNS and the addresses that are known; one of another private endpoint of the same resource is not excluded, since not all could be read";
  const seenZones = valueOf(zones);
  return isHeld || (seenZones !== undefined && hiddenZones(seenZones).length === 0)
    ? undefined
    : "the answer of Azure DNS; which zone it comes from is not known, since not all zones could be read";
}
