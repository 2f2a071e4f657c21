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

/** Joining the network of a machine (`from`, when it is an Azure network) to that of the private endpoints. */
export function connectNetworks(
  machine: string,
  from: string | undefined,
  to: string,
  docs: { peering: string; inbound: string },
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
  return {
    summary: `Peer ${near.name} with ${far.name}, in both directions`,
    commands: peer(near, far),
    warning:
      "A peering in state Disconnected has lost its other half: delete the half that is left before creating both anew. The private DNS zones must be linked to this network too.",
    takesEffect: "Within a minute",
    verify: [`${listPeerings(near).text} --query [].peeringState`],
    docs: docs.peering,
  };
}
