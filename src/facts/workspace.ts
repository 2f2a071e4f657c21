import * as z from "zod";
import { apiVersions } from "../model/api-versions.ts";
import { workspaceId } from "../model/arm-id.ts";
import { defineFact } from "../model/fact.ts";
import { getAs } from "./arm-read.ts";
import { flag, identity, networkAcls, privateEndpointConnection, text } from "./wire.ts";

const outboundRule = z.object({
  type: text,
  status: text,
  category: text,
  /** A string for FQDN rules, an object for the other kinds. */
  destination: z
    .union([
      z.string(),
      z.object({
        serviceResourceId: text,
        subresourceTarget: text,
        sparkEnabled: flag,
        sparkStatus: text,
        serviceTag: text,
        action: text,
        protocol: text,
        portRanges: text,
        addressPrefixes: z.array(z.string()).nullish(),
      }),
    ])
    .nullish(),
});
export type OutboundRule = z.infer<typeof outboundRule>;

export const workspaceSchema = z.object({
  id: z.string(),
  name: z.string(),
  location: text,
  kind: text,
  identity,
  properties: z.object({
    workspaceId: text,
    provisioningState: text,
    /** Upper bound of the age of the workspace's private endpoints. */
    creationTime: text,
    tenantId: text,
    storageAccount: text,
    keyVault: text,
    containerRegistry: text,
    applicationInsights: text,
    publicNetworkAccess: text,
    allowPublicAccessWhenBehindVnet: flag,
    ipAllowlist: z.array(z.string()).nullish(),
    networkAcls,
    v1LegacyMode: flag,
    hbiWorkspace: flag,
    imageBuildCompute: text,
    systemDatastoresAuthMode: text,
    primaryUserAssignedIdentity: text,
    discoveryUrl: text,
    notebookInfo: z.object({ fqdn: text, isPrivateLinkEnabled: flag }).nullish(),
    hubResourceId: text,
    associatedWorkspaces: z.array(z.string()).nullish(),
    managedNetwork: z
      .object({
        isolationMode: text,
        networkId: text,
        firewallSku: text,
        status: z.object({ status: text, sparkReady: flag }).nullish(),
        outboundRules: z.record(z.string(), outboundRule).nullish(),
      })
      .nullish(),
    privateEndpointConnections: z.array(privateEndpointConnection).nullish(),
    serverlessComputeSettings: z
      .object({ serverlessComputeCustomSubnet: text, serverlessComputeNoPublicIP: flag })
      .nullish(),
  }),
});
export type Workspace = z.infer<typeof workspaceSchema>;

/** The workspace, in wire form. Absent members stay absent: absent is not false. */
export const workspace = defineFact({
  key: "arm/workspace",
  needs: {},
  reads: ["Microsoft.MachineLearningServices/workspaces/read"],
  schema: workspaceSchema,
  collect: (_, context) => getAs(context, workspaceId(context.target), apiVersions.machineLearning, workspaceSchema),
});
