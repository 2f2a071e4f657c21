import { describe, expect, it } from "vitest";
import { armPatterns } from "../../src/cli/contacts/arm-patterns.ts";
import { printContacts } from "../../src/cli/contacts/print-contacts.ts";
import { labSurroundings } from "../../src/cli/lab-surroundings.ts";
import { readKnowledge } from "../../src/cli/knowledge.ts";
import type { Terminal } from "../../src/cli/terminal.ts";
import { clouds, type CloudName } from "../../src/model/cloud.ts";
import { baseline } from "../worlds/edit.ts";

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const target = { subscriptionId: "s", resourceGroup: "rg", workspace: "ml" };

async function print(
  hostsOnly: boolean,
  cloud: CloudName,
  environment: Record<string, string> = {},
  inCluster?: boolean,
) {
  const world = baseline("hub-dns");
  world.vantage.environment = environment;
  const around = await labSurroundings(world, undefined);
  const dialled: string[] = [];
  const texts: string[] = [];
  try {
    const { probes, playbooks } = await readKnowledge(undefined);
    const playbook = playbooks.find(({ id }) => id === "everything");
    if (playbook === undefined) throw new Error("no playbook that looks at everything");
    const terminal = {
      write: (text: string) => void texts.push(text),
      interrupted: new AbortController().signal,
    } as unknown as Terminal;
    const wishes = { target, cloud: clouds[cloud], azureDns: undefined, score: undefined, inCluster, log: silent };
    const recorded = {
      ...around,
      resourceManager: clouds[cloud].resourceManager,
      signIn: { ...around.signIn, authorityHost: clouds[cloud].authority },
      route: (address: string, port: number) => (dialled.push(`${address}:${port}`), "blackhole" as const),
      lookup: async (name: string) => (dialled.push(name), []),
    };
    await printContacts({ probes, playbook, around: recorded, wishes }, { hostsOnly }, terminal);
    return { text: texts.join(""), dialled, requests: around.lab.requests().length, queries: around.lab.dnsQueries() };
  } finally {
    await around.close();
  }
}

describe("what a run may contact", () => {
  it("is printed without contacting anybody", async () => {
    const { text, ...contacted } = await print(false, "AzureCloud");
    expect(contacted).toEqual({ dialled: [], requests: 0, queries: 0 });
    expect(text).toContain("management.azure.com ");
    expect(text).toContain("DNS questions, asked of ");
    expect(text).toMatch(/management\.azure\.com +Azure Resource Manager, after a failed look-up/);
    expect(text).toContain(
      "POST  /subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ml/diagnose",
    );
  });

  it.each<[CloudName, readonly string[]]>([
    ["AzureCloud", ["management.azure.com", "login.microsoftonline.com", "*.api.azureml.ms", "*.azurecr.io"]],
    [
      "AzureUSGovernment",
      ["management.usgovcloudapi.net", "login.microsoftonline.us", "*.api.ml.azure.us", "*.azurecr.us"],
    ],
    ["AzureChinaCloud", ["management.chinacloudapi.cn", "login.chinacloudapi.cn", "*.api.ml.azure.cn", "*.azurecr.cn"]],
  ])("names the hosts of %s", async (cloud, expected) => {
    const hosts = (await print(true, cloud)).text.split("\n").map((line) => line.split(" ")[0]);
    expect(hosts).toEqual(expect.arrayContaining([...expected, "169.254.169.254"]));
  });

  it("tells the commands that would be run in pods, when they are asked for", async () => {
    expect((await print(false, "AzureCloud")).text).not.toContain("nslookup");
    const { text } = await print(false, "AzureCloud", {}, true);
    expect(text).toMatch(/^Commands run in the router's pod .*\n {2}nslookup \(required name\) /m);
    expect((await print(true, "AzureCloud", {}, true)).text).not.toContain("nslookup");
  });

  it("says which host goes through the proxy; metadata and DNS never do", async () => {
    const { text } = await print(true, "AzureCloud", {
      HTTPS_PROXY: "http://user:secret@10.0.0.50:3128",
      NO_PROXY: ".azurecr.io",
    });
    const line = (host: string) => text.split("\n").find((each) => each.startsWith(`${host} `));
    expect(line("management.azure.com")).toMatch(
      /443 +tcp +Azure Resource Manager, through http:\/\/10\.0\.0\.50:3128$/,
    );
    expect(line("*.api.azureml.ms")).toMatch(/workspace, directly and through http:\/\/10\.0\.0\.50:3128$/);
    expect(line("10.0.0.50")).toMatch(/3128 +tcp +proxy$/);
    for (const host of ["*.azurecr.io", "168.63.129.16"]) expect(line(host)).not.toContain("through");
    expect(line("169.254.169.254")).toMatch(/never through a proxy$/);
    expect(text).not.toContain("secret");
  });
});

describe("the reads of an action", () => {
  const workspace = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ml";
  it.each<[string, readonly string[]]>([
    ["Microsoft.Network/privateDnsZones/A/read", ["GET */providers/Microsoft.Network/privateDnsZones/*/A[/*]"]],
    ["Microsoft.KeyVault/vaults/read", ["GET */providers/Microsoft.KeyVault/vaults[/*]"]],
    ["Microsoft.Resources/subscriptions/read", ["GET /subscriptions"]],
    ["Microsoft.MachineLearningServices/workspaces/computes/read", [`GET ${workspace}/computes[/*]`]],
    [
      "Microsoft.MachineLearningServices/workspaces/read",
      [`GET /subscriptions/s/providers/Microsoft.MachineLearningServices/workspaces`, `GET ${workspace}`],
    ],
    [
      "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments/getLogs/action",
      [
        "GET /subscriptions/s/providers/Microsoft.MachineLearningServices/locations/*/*/*",
        `POST ${workspace}/onlineEndpoints/*/deployments/*/getLogs`,
      ],
    ],
  ])("%s", (action, expected) => {
    expect(armPatterns([action], target).map(({ method, path }) => `${method} ${path}`)).toEqual(expected);
  });
});
