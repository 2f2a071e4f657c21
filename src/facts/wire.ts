import * as z from "zod";

/** Shapes that many ARM bodies share, in wire form. Only what is named here passes; `nullish` because the service
 * writes absent members as null as it likes. */

export const text = z.string().nullish();
export const flag = z.boolean().nullish();

export const subResource = z.object({ id: z.string() });

export const connectionState = z.object({
  status: text,
  description: text,
  actionsRequired: text,
  /** Storage's spelling. */
  actionRequired: text,
});

/** A private endpoint connection as it is embedded in, or listed under, the resource it leads to. `name` and `type` are
 * missing in the embedded form of some services. */
export const privateEndpointConnection = z.object({
  id: z.string(),
  name: text,
  properties: z
    .object({
      provisioningState: text,
      privateEndpoint: z.object({ id: text, subnetArmId: text }).nullish(),
      privateLinkServiceConnectionState: connectionState.nullish(),
      groupIds: z.array(z.string()).nullish(),
    })
    .nullish(),
  /** Only in the list of a workspace: the addresses that the service itself knows. */
  connectionDetails: z.array(z.object({ privateIpAddress: text, groupId: text, memberName: text })).nullish(),
});
export type PrivateEndpointConnection = z.infer<typeof privateEndpointConnection>;

export const identity = z
  .object({
    type: text,
    principalId: text,
    tenantId: text,
    userAssignedIdentities: z.record(z.string(), z.object({ principalId: text, clientId: text }).nullish()).nullish(),
  })
  .nullish();
export type Identity = z.infer<typeof identity>;

/** Firewall rules of key vault, storage and (with other names inside) registries. */
export const networkAcls = z
  .object({
    bypass: text,
    defaultAction: text,
    ipRules: z.array(z.object({ value: text, action: text })).nullish(),
    virtualNetworkRules: z.array(z.object({ id: text, action: text, state: text })).nullish(),
    resourceAccessRules: z.array(z.object({ tenantId: text, resourceId: text })).nullish(),
  })
  .nullish();
