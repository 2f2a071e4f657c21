import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseWorld, type World } from "../../src/lab/world.ts";
import { describeWithShared } from "../shared-folder.ts";
import { startArm, type ArmClient } from "./arm-client.ts";
import { loadSwagger, type Disagreement, type Swagger } from "./swagger.ts";

/** One id of every resource type of a world that the documents cover. */
function sample(world: World, swagger: Swagger): string[] {
  const byType = new Map(world.arm.resources.map(({ type, id }) => [type.toLowerCase(), id]));
  return [...byType.values()].filter((id) => swagger.versionOf(id) !== undefined);
}

/**
 * What the real services do, too: members that no document has, when the world itself wrote them; credentials of
 * datastores without their secrets; and two operations of private DNS whose paths cannot be told apart.
 */
function isKnown({ code, at }: Disagreement, id: string, worldText: string): boolean {
  if (code === "OBJECT_ADDITIONAL_PROPERTIES" || code === "ENUM_CASE_MISMATCH")
    return at.every((path) => worldText.includes(`"${path.slice(path.lastIndexOf("/") + 1)}":`));
  if (code === "OBJECT_MISSING_REQUIRED_PROPERTY")
    return id.includes("/datastores/") && at.every((path) => path.endsWith("/credentials/secrets"));
  return code === "MULTIPLE_OPERATIONS_FOUND" && /\/privateDnsZones\/.*\/virtualNetworkLinks/i.test(id);
}

describeWithShared("answers of the lab agree with Azure's OpenAPI documents", (shared) => {
  const worlds = join(shared, "worlds");
  const files = readdirSync(worlds).filter((name) => name.endsWith(".json"));
  let swagger: Swagger;
  beforeAll(async () => {
    swagger = await loadSwagger(join(shared, "arm-specs"));
  }, 60_000);

  const checked = async (arm: ArmClient, id: string, path: string, worldText: string): Promise<string[]> => {
    const url = `${path}?api-version=${swagger.versionOf(id) ?? ""}`;
    const seen = await arm.ask(url);
    expect.soft(seen.status, path).toBe(200);
    return (await swagger.check(url, "GET", seen))
      .filter((each) => !isKnown(each, id, worldText))
      .map(({ code, at, message }) => `${path}: ${code} ${at.join(" ")} ${message}`);
  };

  test.each(files)(
    "%s",
    async (file) => {
      const text = readFileSync(join(worlds, file), "utf8");
      const world = parseWorld(text, file);
      await using arm = await startArm({ ...world, arm: { ...world.arm, denied: [], faults: [] } });
      const ids = sample(world, swagger);
      expect(ids.length).toBeGreaterThan(8);
      const wrong: string[] = [];
      // Each resource, and the list that it is in.
      for (const id of ids)
        for (const path of [id, id.slice(0, id.lastIndexOf("/"))])
          wrong.push(...(await checked(arm, id, path, JSON.stringify(world))));
      expect(wrong).toEqual([]);
      // The first world waits until the documents are compiled.
    },
    60_000,
  );

  test("long-running actions, from 202 to their result", async () => {
    const world = parseWorld(readFileSync(join(worlds, "T3.json"), "utf8"), "T3.json");
    await using arm = await startArm(world);
    const wrong: Disagreement[] = [];
    for (const { path } of world.arm.actions.filter((action) => /diagnose$|effectiveRouteTable$/.test(action.path))) {
      const url = `${path}?api-version=${swagger.versionOf(path) ?? ""}`;
      const begun = await arm.ask(url, { method: "POST" });
      expect(begun.status).toBe(202);
      const ended = await arm.ask(begun.headers["location"] ?? "");
      expect(ended.status).toBe(200);
      wrong.push(...(await swagger.check(url, "POST", begun)), ...(await swagger.check(url, "POST", ended)));
    }
    expect(wrong).toEqual([]);
  });

  test("embedded children, errors and empty lists, which the lab makes up itself", async () => {
    const world = parseWorld(readFileSync(join(worlds, "T3.json"), "utf8"), "T3.json");
    const bare = world.arm.resources.map((resource) => {
      const { privateEndpointConnections: _, ...properties } = {
        ...(resource["properties"] as Record<string, unknown> | undefined),
      };
      return resource.type === "Microsoft.KeyVault/vaults" ? { ...resource, properties } : resource;
    });
    await using arm = await startArm({ ...world, arm: { ...world.arm, resources: bare } });
    const vault = bare.find(({ type }) => type === "Microsoft.KeyVault/vaults")?.id ?? "";
    const missing = `${vault}x`;
    expect(
      ((await arm.ask(vault)).body as { properties: { privateEndpointConnections: unknown[] } }).properties
        .privateEndpointConnections,
    ).toHaveLength(1);
    for (const path of [vault, missing, `${missing}/privateEndpointConnections`]) {
      const url = `${path}?api-version=2023-07-01`;
      expect(await swagger.check(url, "GET", await arm.ask(url))).toEqual([]);
    }
  });
});
