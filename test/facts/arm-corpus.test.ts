import path from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { computeSchema } from "../../src/facts/computes.ts";
import { datastoreSchema } from "../../src/facts/datastores.ts";
import { keyVaultSchema } from "../../src/facts/key-vault.ts";
import { managedClusterSchema } from "../../src/facts/managed-clusters.ts";
import { networkSecurityGroupSchema } from "../../src/facts/network-security-groups.ts";
import { peeringSchema, subnetSchema, virtualNetworkSchema } from "../../src/facts/networks.ts";
import { deploymentSchema, onlineEndpointSchema } from "../../src/facts/online-endpoints.ts";
import { networkInterfaceSchema, privateEndpointSchema, zoneGroupSchema } from "../../src/facts/private-endpoints.ts";
import { linkSchema, recordSchema } from "../../src/facts/private-zones.ts";
import { registrySchema } from "../../src/facts/registry.ts";
import { roleAssignmentSchema } from "../../src/facts/role-grants.ts";
import { routeTableSchema } from "../../src/facts/route-tables.ts";
import { storageAccountSchema } from "../../src/facts/storage-accounts.ts";
import { privateEndpointConnection } from "../../src/facts/wire.ts";
import { workspaceSchema } from "../../src/facts/workspace.ts";
import { describeWithShared } from "../shared-folder.ts";
import { departures, recordedAnswers, resourcesIn } from "./recorded-answers.ts";

const aml = "microsoft.machinelearningservices/workspaces";

/** The schema that a fact reads a resource of this type by. */
const schemas: Readonly<Record<string, z.ZodType>> = {
  [aml]: workspaceSchema,
  [`${aml}/onlineendpoints`]: onlineEndpointSchema,
  [`${aml}/onlineendpoints/deployments`]: deploymentSchema,
  [`${aml}/computes`]: computeSchema,
  [`${aml}/datastores`]: datastoreSchema,
  [`${aml}/privateendpointconnections`]: privateEndpointConnection,
  "microsoft.keyvault/vaults": keyVaultSchema,
  "microsoft.containerregistry/registries": registrySchema,
  "microsoft.containerregistry/registries/privateendpointconnections": privateEndpointConnection,
  "microsoft.storage/storageaccounts": storageAccountSchema,
  "microsoft.network/privateendpoints": privateEndpointSchema,
  "microsoft.network/privateendpoints/privatednszonegroups": zoneGroupSchema,
  "microsoft.network/networkinterfaces": networkInterfaceSchema,
  "microsoft.network/virtualnetworks": virtualNetworkSchema,
  "microsoft.network/virtualnetworks/subnets": subnetSchema,
  "microsoft.network/virtualnetworks/virtualnetworkpeerings": peeringSchema,
  "microsoft.databricks/workspaces/virtualnetworkpeerings": peeringSchema,
  "microsoft.network/networksecuritygroups": networkSecurityGroupSchema,
  "microsoft.network/routetables": routeTableSchema,
  "microsoft.network/privatednszones/virtualnetworklinks": linkSchema,
  "microsoft.network/privatednszones/a": recordSchema,
  "microsoft.network/privatednszones/all": recordSchema,
  "microsoft.authorization/roleassignments": roleAssignmentSchema,
  "microsoft.containerservice/managedclusters": managedClusterSchema,
};

describeWithShared("recorded answers of Azure Resource Manager", (shared) => {
  const answers = recordedAnswers(path.join(shared, "arm-corpus")).filter(
    ({ method, status, type }) => method === "GET" && status === 200 && type in schemas,
  );

  it("hold every type that is read here", () => {
    expect(Object.keys(schemas).filter((type) => !answers.some((answer) => answer.type === type))).toEqual([]);
  });

  it.each(answers)("$name is read as it stands", (answer) => {
    const schema = schemas[answer.type] ?? z.never();
    for (const resource of resourcesIn(answer)) {
      const read = schema.safeParse(resource);
      expect(read.error?.issues ?? []).toEqual([]);
      expect(departures(schema, resource, read.data)).toEqual([]);
    }
  });
});

describe("departures", () => {
  const schema = z.object({
    name: z.string().default("made up"),
    address: z.string().nullish(),
    tags: z.array(z.object({ on: z.boolean().nullish() })).nullish(),
  });
  it.each([
    ["nothing departs", { name: "a", more: 1, tags: [{ on: null }] }, []],
    ["a default", {}, ["$.name: made up"]],
    [
      "another spelling",
      { name: "a", Address: "10.0.0.4", tags: [{ ON: true }] },
      ["$.Address: the schema spells it address", "$.tags[0].ON: the schema spells it on"],
    ],
  ])("tells %s", (_, raw, expected) => {
    expect(departures(schema, raw, schema.parse(raw))).toEqual(expected);
  });
});
