import { describe, expect, it } from "vitest";
import probe from "../../../probes/workspace/reader-rights.ts";
import { facts, oid, path, signIn } from "../client/own-path.ts";
import { commandsOf, verdictOf } from "../verdict-of.ts";

const group = "/subscriptions/s/resourceGroups/rg";
const vault = `${group}/providers/Microsoft.KeyVault/vaults/kv`;
const read = "Microsoft.KeyVault/vaults/read";
const by = (kind?: "user" | "app") => signIn({ claims: { objectId: oid, ...(kind === undefined ? {} : { kind }) } });
const given = (deniedReads: object[], kind?: "user" | "app") => ({ ...facts(path({ signIn: by(kind) })), deniedReads });

describe("workspace/reader-rights", () => {
  it.each([
    ["everything was read", given([]), "pass"],
    ["a vault was refused", given([{ action: read, scope: vault }]), "rbac-reader-missing"],
    [
      "the workspace was refused",
      { ...facts(path({ trouble: "denied", signIn: by() })), deniedReads: [] },
      "cv-identity-without-role",
    ],
    ["nobody signed in", { ...facts(path({ trouble: "no-token" })), deniedReads: [] }, "skip"],
  ])("%s", (_, all, wanted) => {
    expect(verdictOf(probe, all)).toBe(wanted);
  });

  it("assigns Reader once where one scope lies in another", () => {
    expect(
      commandsOf(
        probe,
        given(
          [
            { action: read, scope: vault },
            { action: "Microsoft.N/t/read", scope: group },
          ],
          "user",
        ),
      ),
    ).toBe(
      `az role assignment create --assignee-object-id ${oid} --assignee-principal-type User --role Reader --scope ${group}`,
    );
  });

  it("assigns Reader on the workspace's group", () => {
    const all = { ...facts(path({ trouble: "denied", signIn: by("app") })), deniedReads: [] };
    expect(commandsOf(probe, all)).toMatch(new RegExp(`ServicePrincipal --role Reader --scope ${group}$`));
  });
});
