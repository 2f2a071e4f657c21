import { describe, expect, it } from "vitest";
import { printPermissions, type PermissionsFlags } from "../../src/cli/commands/permissions.ts";
import type { Terminal } from "../../src/cli/terminal.ts";

const subscription = "00000000-0000-4000-8000-000000000001";

async function print(flags: Partial<PermissionsFlags>) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const terminal = {
    environment: { AZURE_CONFIG_DIR: "/nonexistent" },
    write: (text: string) => void stdout.push(text),
    tell: (text: string) => void stderr.push(text),
  } as unknown as Terminal;
  await printPermissions({ scope: [], name: "aml-doctor reader", ...flags }, terminal);
  return { stdout: stdout.join(""), stderr: stderr.join("\n") };
}

describe("the permissions of a full diagnosis", () => {
  it("are a role definition for az on standard output, and nothing else", async () => {
    const { stdout, stderr } = await print({ subscription });
    const definition: unknown = JSON.parse(stdout);
    expect(definition).toMatchObject({
      Name: "aml-doctor reader",
      IsCustom: true,
      Actions: expect.arrayContaining(["Microsoft.Network/privateDnsZones/A/read"]) as unknown,
      NotActions: [],
      DataActions: [],
      AssignableScopes: [`/subscriptions/${subscription}`],
    });
    expect(stderr).toContain("az role definition create --role-definition FILE");
    expect(stderr).toMatch(/Reader: \d+ of these actions/);
    expect(stderr).toMatch(/AzureML Data Scientist: 2 of these actions, .*diagnose\/action/);
  });

  it("may be assigned where the options say", async () => {
    const scopes = [
      `/subscriptions/${subscription}/resourceGroups/rg-ml`,
      "/providers/Microsoft.Management/managementGroups/corp",
    ];
    expect(JSON.parse((await print({ scope: [...scopes, ...scopes] })).stdout)).toMatchObject({
      AssignableScopes: scopes,
    });
  });

  it.each([
    ["no subscription", {}, "no subscription is given"],
    ["a scope that az would refuse", { scope: ["/"] }, "is no scope"],
    [
      "a resource as scope",
      { scope: [`/subscriptions/${subscription}/resourceGroups/rg/providers/a/b/c`] },
      "is no scope",
    ],
  ])("are refused with %s", async (_, flags, message) => {
    await expect(print(flags)).rejects.toThrow(message);
  });

  it("are told action by action, with the smallest role and the areas, without a subscription", async () => {
    const { stdout } = await print({ explain: true });
    expect(stdout).toMatch(/^Microsoft\.KeyVault\/vaults\/read +Reader {2}\(.*key-vault.*\)$/m);
    expect(stdout).toMatch(/workspaces\/diagnose\/action +AzureML Data Scientist {2}\(.*\)$/m);
  });
});
