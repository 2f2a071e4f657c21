import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { applyPatch, parseWorld, WorldError } from "../../src/lab/world.ts";
import { describeWithShared } from "../shared-folder.ts";
import { document, network, smallWorld, vault } from "./small-world.ts";

function refusal(text: string): WorldError {
  try {
    parseWorld(text, "w.json");
  } catch (error) {
    if (error instanceof WorldError) return error;
  }
  throw new Error("the world was not refused");
}

describe("a world file is refused with where and why", () => {
  const cases: [string, unknown, string, RegExp][] = [
    [
      "another format",
      { ...document, format: "aml-doctor/world@2" },
      "format",
      /"aml-doctor\/world@2"; this lab reads aml-doctor\/world@1 only/,
    ],
    ["no format", {}, "format", /absent/],
    ["an unknown key", { ...document, extra: 1 }, "", /extra/],
    ["an unknown cloud", { ...document, cloud: "Azure" }, "cloud", /AzureCloud/],
    [
      "a resource without an id",
      { ...document, arm: { ...document.arm, resources: [{ type: "t" }] } },
      "arm.resources[0].id",
      /string/,
    ],
    [
      "an unknown key of an endpoint",
      { ...document, network: { endpoints: [{ address: "10.0.0.1", port: 443, tcp: "open", udp: "open" }] } },
      "network.endpoints[0]",
      /udp/,
    ],
    [
      "a port that is none",
      { ...document, network: { endpoints: [{ address: "10.0.0.1", port: 70000, tcp: "open" }] } },
      "network.endpoints[0].port",
      /65535/,
    ],
    [
      "a date that is none",
      {
        ...document,
        network: {
          endpoints: [
            { address: "10.0.0.1", port: 443, tcp: "open", tls: { names: [], issuer: "public-ca", notAfter: "soon" } },
          ],
        },
      },
      "network.endpoints[0].tls.notAfter",
      /date/,
    ],
  ];
  test.each(cases)("%s", (_, world, path, reason) => {
    const error = refusal(JSON.stringify(world));
    expect({ path: error.path, reason: error.reason, file: error.file }).toEqual({
      path,
      reason: expect.stringMatching(reason),
      file: "w.json",
    });
  });

  test("text that is no JSON", () => expect(refusal("{").message).toMatch(/^w\.json: is not JSON/));
});

test("bodies that are no text become JSON, and what is absent is empty", () => {
  const world = parseWorld(
    JSON.stringify({
      ...document,
      arm: { resources: [] },
      network: { endpoints: [{ address: "10.0.0.1", port: 80, tcp: "open", http: [{ status: 200, body: { a: 1 } }] }] },
    }),
    "w.json",
  );
  expect(world.network.endpoints[0]?.http?.[0]?.body).toBe('{"a":1}');
  expect(world.arm).toEqual({ resources: [], actions: [], denied: [], faults: [] });
});

describe("a patch", () => {
  const world = smallWorld();
  const named = (patched: typeof world, id: string) => patched.arm.resources.find((each) => each.id === id);

  test("merges into a resource by its id, without case", () => {
    const patched = applyPatch(world, {
      arm: { resources: { [vault.toUpperCase()]: { properties: { publicNetworkAccess: "Disabled" } } } },
    });
    expect(named(patched, vault)?.["properties"]).toEqual({
      vaultUri: "https://kv.vault.azure.net/",
      publicNetworkAccess: "Disabled",
    });
    expect(patched.arm.resources).toHaveLength(world.arm.resources.length);
  });

  test("takes a resource away with null", () =>
    expect(named(applyPatch(world, { arm: { resources: { [network]: null } } }), network)).toBeUndefined());

  test("adds a resource, whose id says its name and type", () => {
    const id = `${network}/subnets/new`;
    expect(named(applyPatch(world, { arm: { resources: { [id]: { properties: {} } } } }), id)).toEqual({
      id,
      name: "new",
      type: "Microsoft.Network/virtualNetworks/subnets",
      properties: {},
    });
  });

  test("changes the rest as RFC 7396 says, beside a change of resources", () => {
    const patched = applyPatch(world, {
      title: "Changed",
      vantage: { resourceId: null },
      arm: { denied: [{ action: "*", scope: "/" }], resources: { [vault]: null } },
    });
    expect(patched.title).toBe("Changed");
    expect(patched.vantage).not.toHaveProperty("resourceId");
    expect(patched.arm.denied).toEqual([{ action: "*", scope: "/" }]);
    expect(named(patched, vault)).toBeUndefined();
    expect(named(world, vault)).toBeDefined();
  });

  test("that makes no world is refused", () =>
    expect(() => applyPatch(world, { cloud: "Mars" })).toThrow(/small \(patched\): cloud/));
});

describeWithShared("every world of the library", (shared) => {
  const library = join(shared, "worlds");
  test.each(readdirSync(library).filter((name) => name.endsWith(".json")))("%s is read", (name) => {
    expect(parseWorld(readFileSync(join(library, name), "utf8"), name).id).toBe(name.replace(".json", ""));
  });
});
