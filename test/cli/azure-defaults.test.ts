import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readAzureDefaults } from "../../src/cli/azure-defaults.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const folder = (files: Record<string, string>) => {
  const made = temporaryFolder("az", onTestFinished);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(made, name), text);
  return made;
};
const config = "[defaults]\ngroup = rg-config\nworkspace = ml-config\n[cloud]\nname = AzureUSGovernment\n";
const profile = `\ufeff${JSON.stringify({
  subscriptions: [
    { id: "sub-a", name: "A", isDefault: false, environmentName: "AzureCloud" },
    { id: "sub-b", name: "B", isDefault: true, environmentName: "AzureChinaCloud" },
  ],
})}`;
const subscriptions = [
  { id: "sub-a", name: "A" },
  { id: "sub-b", name: "B" },
];

it.each([
  ["nothing", {}, {}, { subscriptions: [] }],
  [
    "az's files",
    { config, "azureProfile.json": profile },
    {},
    { subscription: "sub-b", group: "rg-config", workspace: "ml-config", cloud: "AzureUSGovernment", subscriptions },
  ],
  [
    "the cloud of the subscription",
    { "azureProfile.json": profile },
    {},
    { subscription: "sub-b", cloud: "AzureChinaCloud", subscriptions },
  ],
  [
    "variables before files",
    { config, "azureProfile.json": profile },
    {
      AZURE_SUBSCRIPTION_ID: "sub-env",
      AZURE_DEFAULTS_GROUP: "rg-env",
      AZURE_DEFAULTS_WORKSPACE: "ml-env",
      AZURE_CLOUD_NAME: "AzureCloud",
    },
    { subscription: "sub-env", group: "rg-env", workspace: "ml-env", cloud: "AzureCloud", subscriptions },
  ],
  [
    "the variables of a job in Azure Machine Learning",
    {},
    { AZUREML_ARM_SUBSCRIPTION: "sub-job", AZUREML_ARM_RESOURCEGROUP: "rg-job", AZUREML_ARM_WORKSPACE_NAME: "ml-job" },
    { subscription: "sub-job", group: "rg-job", workspace: "ml-job", subscriptions: [] },
  ],
  [
    "files that say nothing",
    { config: "[[[=\n\u0000", "azureProfile.json": "{" },
    { AZURE_SUBSCRIPTION_ID: " " },
    { subscriptions: [] },
  ],
] as const)("takes defaults from %s", async (_, files, environment, expected) => {
  expect(await readAzureDefaults({ ...environment, AZURE_CONFIG_DIR: folder(files) })).toEqual(expected);
});
