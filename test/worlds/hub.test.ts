import { describe, expect, it } from "vitest";
import type { World } from "../../src/lab/world.ts";
import { diagnoseWorld, summary } from "./diagnose.ts";
import { baseline, remove } from "./edit.ts";
import { project } from "./edit-workspace.ts";

const permission = "Microsoft.MachineLearningServices/workspaces/read";
const hub = "/workspaces/hub1";

const hidden: readonly (readonly [string, (world: World, hubId: string) => void])[] = [
  ["may not be read", (world, scope) => void world.arm.denied.push({ action: permission, scope })],
  ["is not found", (world) => remove(world, hub)],
];

/** A project is reached by its hub's names: without the hub nothing is known of them, and that has to be said. */
describe("a project whose hub", () => {
  it.each(hidden)("%s is an open question that names the permission", async (_, hide) => {
    const world = baseline("managed-network");
    project(world);
    const hubId = world.arm.resources.find(({ id }) => id.endsWith(hub))?.id ?? "";
    hide(world, hubId);
    const report = await diagnoseWorld(world, {
      waits: { armMs: 10_000, dnsMs: 500, connectMs: 700, kubernetesMs: 3000 },
    });
    expect(report.verdict, summary(report)).toBe("inconclusive");
    expect(report.unknowns).toContainEqual(
      expect.objectContaining({ probe: "workspace/hub", permission, subject: hubId }),
    );
    expect(JSON.stringify(report)).not.toContain("99998888-7777-4666-8555-444433332222.workspace");
  });
});
