import { describe, expect, it } from "vitest";
import { renderText } from "../../src/reporters/text.ts";
import type { CloudName } from "../../src/model/cloud.ts";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { answerLike, azureDns, baseline, publicDns, remove, type Baseline } from "./edit.ts";
import { deploymentFails } from "./edit-deployment.ts";
import { takeAway, doors } from "./edit-dependencies.ts";
import { networkRuleVariations } from "./network-rule-variations.ts";
import { inCloud } from "./sovereign.ts";

const waits = { armMs: 10_000, dnsMs: 500, connectMs: 700, kubernetesMs: 3000 };
const sovereign = ["AzureUSGovernment", "AzureChinaCloud"] as const;
const baselines = ["managed-network", "hub-dns", "customer-network", "public", "kubernetes"] as const;

/** Names that only the public cloud has. */
const publicNames =
  /azureml\.ms|core\.windows\.net|azurecr\.io|vault\.azure\.net|vaultcore\.azure\.net|notebooks\.azure\.net|inference\.ml\.azure\.com|management\.azure\.com|login\.microsoftonline\.com/;

async function look(name: Baseline, cloud: CloudName, change: (world: World) => void = () => undefined) {
  const world = baseline(name);
  change(world);
  return diagnoseWorld(inCloud(world, cloud), { waits });
}

/** Takes a zone away, so that Azure's own DNS finds the public addresses. */
function withoutZone(zone: string, names: RegExp): (world: World) => void {
  return (world) => {
    remove(world, `/privateDnsZones/${zone}`);
    answerLike(world, azureDns, publicDns, (name) => names.test(name));
  };
}

const zones: Readonly<
  Record<(typeof sovereign)[number], Readonly<Record<"workspace" | "registry" | "vault", string>>>
> = {
  AzureUSGovernment: {
    workspace: "privatelink.api.ml.azure.us",
    registry: "privatelink.azurecr.us",
    vault: "privatelink.vaultcore.usgovcloudapi.net",
  },
  AzureChinaCloud: {
    workspace: "privatelink.api.ml.azure.cn",
    registry: "privatelink.azurecr.cn",
    vault: "privatelink.vaultcore.azure.cn",
  },
};

describe.each(sovereign)("in %s", { timeout: 60_000 }, (cloud) => {
  it.each(baselines)("the sound estate %s is healthy, and nothing of the public cloud is named", async (name) => {
    const report = await look(name, cloud);
    expect(report.verdict, summary(report)).toBe("healthy");
    expect(publicNames.exec(JSON.stringify(report))?.[0]).toBeUndefined();
  });

  it.each([
    ["workspace", "privatelink.api.azureml.ms", /api\.azureml\.ms$|inference\.ml\.azure\.com$/],
    ["registry", "privatelink.azurecr.io", /azurecr\.io$/],
    ["vault", "privatelink.vaultcore.azure.net", /vault(?:core)?\.azure\.net$/],
  ] as const)("a missing zone of the %s is this cloud's own, and so are the commands", async (role, zone, names) => {
    const report = await look("customer-network", cloud, withoutZone(zone, names));
    const missing = report.rootCauses.find(({ id }) => id === "dns-zone-missing");
    expect(missing?.subject, summary(report)).toBe(zones[cloud][role]);
    const commands = missing?.remediation.flatMap((step) => step.commands.map(({ text }) => text)).join("\n") ?? "";
    for (const verb of ["zone create", "link vnet create", "dns-zone-group"]) expect(commands).toContain(verb);
    expect(commands).toContain(zones[cloud][role]);
    expect(publicNames.exec(JSON.stringify(report))?.[0]).toBeUndefined();
  });

  it("a missing private endpoint is made with this cloud's zone", async () => {
    const report = await look("customer-network", cloud, (world) => takeAway(world, doors.registry));
    const root = report.rootCauses.find(({ id }) => id === "acr-no-private-endpoint");
    const commands = root?.remediation.flatMap((step) => step.commands.map(({ text }) => text)).join("\n") ?? "";
    expect(commands, summary(report)).toMatch(/private-dns zone create .*privatelink\.azurecr\.(?:us|cn)/);
    expect(publicNames.exec(JSON.stringify(report))?.[0]).toBeUndefined();
  });

  it("a firewall that goes by names is not accused for names that are not known of this cloud", async () => {
    const sound = networkRuleVariations.find(({ story }) => story.includes("what any estate needs"));
    if (sound === undefined) throw new Error("no such variation");
    const report = await look(sound.baseline, cloud, sound.change);
    expect(report.verdict, summary(report)).toBe("healthy");
  });

  it("az is told its cloud, and its commands name no host of Resource Manager", async () => {
    const report = await look("managed-network", cloud, (world) => deploymentFails(world, { step: "ModelDownload" }));
    const commands = report.rootCauses.flatMap(({ remediation }) => remediation.flatMap((step) => step.commands));
    expect(commands.length).toBeGreaterThan(0);
    for (const { text } of commands) expect(text).not.toMatch(/https:\/\/management/);
    const view = { color: false, ascii: true, verbose: false, explain: false, columns: 120 };
    expect(renderText(report, view)).toContain(`az cloud set --name ${cloud}`);
  });
});
