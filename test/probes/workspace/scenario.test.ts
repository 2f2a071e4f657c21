import { describe, expect, it } from "vitest";
import scenario from "../../../probes/workspace/scenario.ts";
import privateData from "../../../probes/studio/private-data.ts";
import { absent, seen } from "../../../src/model/observation.ts";
import { account, ids, vault, workspace } from "../dependencies.ts";
import { verdictOf } from "../verdict-of.ts";

const accounts = [{ id: ids.account, isDefault: true, is: seen(account()) }];
const open = { publicNetworkAccess: "Enabled" };
const project = { ...open, hubResourceId: `${ids.workspace}-hub` };

describe("a public workspace before private storage", () => {
  it.each([
    ["is told of", workspace(open), "ws-public-access-posture", "studio-public-access-private-data"],
    ["is none when it is closed", workspace(), "pass", "pass"],
    ["is its hub's business when it is a project", workspace(project), "skip", "pass"],
  ])("%s", (_, space, posture, studio) => {
    const facts = { workspace: space, vault: seen(vault()), registry: absent, accounts: seen(accounts) };
    expect(verdictOf(scenario, facts)).toBe(posture);
    expect(verdictOf(privateData, { workspace: space, accounts })).toBe(studio);
  });
});
