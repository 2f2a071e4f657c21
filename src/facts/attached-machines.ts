import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { parseArmId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { allSeen, gapsOf, seen, valueOf } from "../model/observation.ts";
import type { Context } from "../model/ports.ts";
import { sameText } from "../model/text.ts";
import { eachOf, getAs, observationOf, uniqueIds } from "./arm-read.ts";
import { computes, computeSchema, type Compute } from "./computes.ts";
import { networkSecurityGroupSchema } from "./network-security-groups.ts";
import { subnetSchema } from "./networks.ts";
import { networkInterfaceSchema } from "./private-endpoints.ts";
import { virtualMachineSchema } from "./vantage.ts";

const attachedMachine = z.object({
  compute: computeSchema,
  /** Of its first interface, where it is readable. */
  address: z.string().optional(),
  /** The groups of its interfaces and of their subnets; a gap when the machine or its interfaces cannot be read. */
  groups: observationOf(z.array(eachOf(networkSecurityGroupSchema))),
});
/** A virtual machine that was attached as a compute, and the security groups before it. */
export type AttachedMachine = z.infer<typeof attachedMachine>;

async function look(context: Context, compute: Compute, id: string): Promise<AttachedMachine> {
  const machine = await getAs(context, id, apiVersions.compute, virtualMachineSchema);
  const nics = await Promise.all(
    (valueOf(machine)?.properties.networkProfile?.networkInterfaces ?? []).map((nic) =>
      getAs(context, nic.id, apiVersions.network, networkInterfaceSchema),
    ),
  );
  const places = allSeen(nics).flatMap(({ properties }) => properties.ipConfigurations ?? []);
  const subnets = await Promise.all(
    uniqueIds(places.map(({ properties }) => properties?.subnet?.id)).map((subnet) =>
      getAs(context, subnet, apiVersions.network, subnetSchema),
    ),
  );
  const address = places[0]?.properties?.privateIPAddress;
  const gap = gapsOf([machine, ...nics, ...subnets])[0];
  const groups = uniqueIds([
    ...allSeen(nics).map(({ properties }) => properties.networkSecurityGroup?.id),
    ...allSeen(subnets).map(({ properties }) => properties?.networkSecurityGroup?.id),
  ]).map(async (group) => ({
    id: group,
    is: await getAs(context, group, apiVersions.network, networkSecurityGroupSchema),
  }));
  return {
    compute,
    ...(address ? { address } : {}),
    groups: gap ?? seen(await Promise.all(groups)),
  };
}

/** The virtual machines that are attached as computes; those that were deleted have no groups. */
export const attachedMachines = defineFact({
  key: "arm/attached-machines",
  needs: { computes },
  reads: [
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Network/networkInterfaces/read",
    "Microsoft.Network/virtualNetworks/subnets/read",
    "Microsoft.Network/networkSecurityGroups/read",
  ],
  schema: z.array(attachedMachine),
  async collect({ computes: all }, context) {
    const machines = all.flatMap((compute) => {
      const id = compute.properties.resourceId;
      const isMachine =
        sameText(compute.properties.computeType, "VirtualMachine") &&
        sameText(parseArmId(id)?.type, "Microsoft.Compute/virtualMachines");
      return isMachine && id ? [{ compute, id }] : [];
    });
    return seen(await Promise.all(machines.map(({ compute, id }) => look(context, compute, id))));
  },
});
