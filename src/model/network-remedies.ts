import { parseArmId, type ArmId } from "./arm-id.ts";
import { az, type Command, type Remediation } from "./remediation.ts";

/** Peering two virtual networks, in both directions. */
export function peer(from: ArmId, to: ArmId): Command[] {
  return [
    [from, to],
    [to, from],
  ].flatMap(([near, far]) =>
    near === undefined || far === undefined
      ? []
      : [
          az(
            "network",
            "vnet",
            "peering",
            "create",
            "--subscription",
            near.subscriptionId,
            "--resource-group",
            near.resourceGroup,
            "--vnet-name",
            near.name,
            "--name",
            `to-${far.name}`,
            "--remote-vnet",
            far.id,
            "--allow-vnet-access",
            "--allow-forwarded-traffic",
          ),
        ],
  );
}

/** The peerings of a network. */
export function listPeerings(network: ArmId): Command {
  return az(
    "network",
    "vnet",
    "peering",
    "list",
    "--subscription",
    network.subscriptionId,
    "--resource-group",
    network.resourceGroup,
    "--vnet-name",
    network.name,
  );
}

/** The halves of a peering that stand in the way: a network holds one peering with another, so that a half which lost its
 * other half hinders a new one. */
export interface BrokenPeering {
  readonly lost: readonly string[];
  readonly closed: readonly string[];
}

/** Joining the network of a machine (`from`, when it is an Azure network) to that of the private endpoints. */
export function connectNetworks(
  machine: string,
  from: string | undefined,
  to: string,
  docs: { peering: string; inbound: string },
  broken: BrokenPeering = { lost: [], closed: [] },
): Remediation {
  const near = parseArmId(from);
  const far = parseArmId(to);
  if (!near || !far) {
    return {
      summary: `Connect the network of ${machine} to ${far?.name ?? to}: bring up the VPN or ExpressRoute connection and see that it advertises the subnet of the private endpoints`,
      commands: far ? [listPeerings(far)] : [],
      verify: ["nc or Test-NetConnection to port 443 of a private endpoint's address succeeds"],
      docs: docs.inbound,
    };
  }
  const mended = {
    takesEffect: "Within a minute",
    verify: [`${listPeerings(near).text} --query [].peeringState`],
    docs: docs.peering,
  };
  if (broken.lost.length === 0 && broken.closed.length > 0) {
    return {
      ...mended,
      summary: `Let the peering between ${near.name} and ${far.name} carry traffic`,
      commands: broken.closed.map((id) =>
        az("network", "vnet", "peering", "update", "--ids", id, "--set", "allowVirtualNetworkAccess=true"),
      ),
      warning: "Somebody may have closed it on purpose: ask who owns these networks.",
    };
  }
  return {
    ...mended,
    summary:
      broken.lost.length > 0
        ? `Delete what is left of the peering between ${near.name} and ${far.name}, and make it anew in both directions`
        : `Peer ${near.name} with ${far.name}, in both directions`,
    commands: [...broken.lost.map((id) => az("network", "vnet", "peering", "delete", "--ids", id)), ...peer(near, far)],
    warning:
      broken.lost.length > 0
        ? "Gateway transit and forwarded traffic are settings of the old halves: look at them before they are deleted. The private DNS zones must be linked to this network too."
        : "The private DNS zones must be linked to this network too.",
  };
}
