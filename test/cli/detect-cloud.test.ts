import { describe, expect, it } from "vitest";
import { azCloudName, detectCloud } from "../../src/cli/detect-cloud.ts";
import { resolveCloud } from "../../src/cli/target.ts";
import { startHttp } from "../net/server.ts";

const compute = {
  resourceId: "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm",
  name: "vm",
  location: "l",
  subscriptionId: "s",
};

/** The cloud of a VM whose metadata service names it so. */
async function onVm(azEnvironment: string | undefined) {
  const port = await startHttp((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ compute: { ...compute, azEnvironment } }));
  });
  const asked: string[] = [];
  const cloud = await detectCloud(new AbortController().signal, (address, asPort) => {
    asked.push(`${address}:${asPort}`);
    return { host: "127.0.0.1", port };
  });
  return { cloud, asked };
}

describe("the cloud", () => {
  it.each([
    ["AzurePublicCloud", "AzureCloud"],
    ["AzureUSGovernmentCloud", "AzureUSGovernment"],
    ["AzureChinaCloud", "AzureChinaCloud"],
    ["AzureGermanCloud", undefined],
    [undefined, undefined],
  ])("of a VM in %s is %s, by its metadata service", async (named, expected) => {
    expect(await onVm(named)).toEqual({ cloud: expected, asked: ["169.254.169.254:80"] });
  });

  it("is not known where there is no metadata service", async () => {
    expect(await detectCloud(new AbortController().signal, () => ({ host: "127.0.0.1", port: 1 }))).toBeUndefined();
    expect(await detectCloud(AbortSignal.abort())).toBeUndefined();
  });

  it.each<[string, { cloud?: "AzureChinaCloud" }, { cloud?: string | undefined }, string]>([
    ["the option before all", { cloud: "AzureChinaCloud" }, { cloud: "AzureUSGovernment" }, "AzureChinaCloud"],
    ["the default, however it is spelt", {}, { cloud: "azureusgovernmentCLOUD" }, "AzureUSGovernment"],
    ["the public one last", {}, { cloud: undefined }, "AzureCloud"],
  ])("is that of %s", (_, flags, defaults, expected) => {
    expect(resolveCloud(flags, defaults).name).toBe(expected);
  });

  it("keeps a name that is no other spelling", () => {
    expect(azCloudName("AzureStack")).toBe("AzureStack");
  });
});
