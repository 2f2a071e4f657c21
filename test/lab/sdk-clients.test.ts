import { KeyVaultManagementClient } from "@azure/arm-keyvault";
import { AzureMachineLearningWorkspaces } from "@azure/arm-machinelearning";
import { PrivateDnsManagementClient } from "@azure/arm-privatedns";
import { ClientSecretCredential, ManagedIdentityCredential } from "@azure/identity";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startLab, type Lab } from "../../src/lab/lab.ts";
import { applyPatch, parseWorld, type World } from "../../src/lab/world.ts";
import { describeWithShared } from "../shared-folder.ts";

/** The variables that point a client at the lab, for as long as `body` runs: the identity library reads them itself. */
async function withEnvironment<T>(lab: Lab, body: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, lab.environment);
  try {
    return await body();
  } finally {
    process.env = before;
  }
}

async function namesOf<T extends { name?: string }>(list: AsyncIterable<T>): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for await (const { name } of list) names.push(name);
  return names;
}

describeWithShared("the clients of Azure's own libraries read a world", (shared) => {
  const world: World = parseWorld(readFileSync(join(shared, "worlds/T3.json"), "utf8"), "T3.json");
  const { subscriptionId, resourceGroup, workspace, endpoint = "" } = world.target;

  test("machine learning, with a managed identity", async () => {
    await using lab = await startLab(world, { retryAfterSeconds: 1 });
    await withEnvironment(lab, async () => {
      const client = new AzureMachineLearningWorkspaces(new ManagedIdentityCredential(), subscriptionId, {
        endpoint: lab.armEndpoint,
        tlsOptions: { ca: lab.certificateAuthority },
      });
      expect((await client.workspaces.get(resourceGroup, workspace)).storageAccount).toContain("stmlprod");
      expect(await namesOf(client.onlineEndpoints.list(resourceGroup, workspace))).toEqual([endpoint]);
      expect((await client.workspaces.beginDiagnoseAndWait(resourceGroup, workspace)).value).toHaveProperty(
        "dnsResolutionResults",
        [],
      );
      await expect(client.workspaces.get(resourceGroup, "none")).rejects.toMatchObject({
        statusCode: 404,
        code: "ResourceNotFound",
      });
    });
    expect(lab.writes()).toBe(0);
  });

  test("key vault and private DNS, with a client secret, over pages and without a case", async () => {
    await using lab = await startLab(applyPatch(world, { identity: { kind: "servicePrincipal" } }), { pageSize: 2 });
    const {
      AZURE_TENANT_ID: tenant = "",
      AZURE_CLIENT_ID: client = "",
      AZURE_CLIENT_SECRET: secret = "",
    } = lab.environment;
    const trust = { tlsOptions: { ca: lab.certificateAuthority } };
    const credential = new ClientSecretCredential(tenant, client, secret, {
      authorityHost: lab.authorityHost,
      disableInstanceDiscovery: true,
      ...trust,
    });
    const vaults = new KeyVaultManagementClient(credential, subscriptionId, { endpoint: lab.armEndpoint, ...trust });
    expect((await vaults.vaults.get(resourceGroup.toUpperCase(), "KVMLPROD")).properties.vaultUri).toBe(
      "https://kvmlprod.vault.azure.net/",
    );
    expect(await namesOf(vaults.vaults.listByResourceGroup(resourceGroup))).toEqual(["kvmlprod"]);

    const zoneId =
      world.arm.resources.find(
        ({ type, name }) => type === "Microsoft.Network/privateDnsZones" && name === "privatelink.api.azureml.ms",
      )?.id ?? "";
    const [, , zoneSubscription = "", , zoneGroup = ""] = zoneId.split("/");
    const zones = new PrivateDnsManagementClient(credential, zoneSubscription, { endpoint: lab.armEndpoint, ...trust });
    const inWorld = world.arm.resources
      .filter(({ id }) => id.startsWith(`${zoneId}/A/`) || id.startsWith(`${zoneId}/SOA/`))
      .map(({ name }) => name);
    expect(inWorld.length).toBeGreaterThan(2);
    expect(await namesOf(zones.recordSets.list(zoneGroup, "privatelink.api.azureml.ms"))).toEqual(inWorld);
    expect((await namesOf(zones.virtualNetworkLinks.list(zoneGroup, "privatelink.api.azureml.ms"))).sort()).toEqual([
      "link-hub",
      "link-spoke",
    ]);
  });

  test("a refused secret fails before ARM is asked", async () => {
    await using lab = await startLab(applyPatch(world, { identity: { kind: "servicePrincipal" } }), {
      refuseSecret: true,
    });
    const credential = new ClientSecretCredential(world.identity.tenantId, world.identity.clientId, "expired", {
      authorityHost: lab.authorityHost,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: lab.certificateAuthority },
    });
    await expect(credential.getToken(`${lab.armEndpoint}/.default`)).rejects.toThrow(/AADSTS7000215/);
    expect(lab.requests()).toEqual([]);
  });
});
