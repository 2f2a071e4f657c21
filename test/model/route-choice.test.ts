import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { routeAroundEndpoint, routeTo, routeToTag, type Route } from "../../src/model/route-choice.ts";

const route = (prefix: string, nextHop: string, source: Route["source"] = "user"): Route => ({
  name: `${prefix} ${nextHop}`,
  prefix,
  nextHop,
  source,
});

describe("routes", () => {
  it("are chosen as a plain search for the longest prefix does", () => {
    const anyRoute = fc.record({
      bits: fc.integer({ min: 27, max: 32 }),
      host: fc.integer({ min: 0, max: 31 }),
      source: fc.constantFrom("user" as const, "gateway" as const, "default" as const),
    });
    fc.assert(
      fc.property(fc.array(anyRoute, { maxLength: 8 }), fc.integer({ min: 0, max: 31 }), (drawn, host) => {
        const size = (bits: number) => 2 ** (32 - bits);
        const rank = ["user", "gateway", "default"];
        const best = drawn
          .map((each, index) => ({ ...each, index }))
          .filter((each) => Math.floor(each.host / size(each.bits)) === Math.floor(host / size(each.bits)))
          .reduce<{ bits: number; source: string; index: number } | undefined>(
            (a, b) =>
              a === undefined ||
              b.bits > a.bits ||
              (b.bits === a.bits && rank.indexOf(b.source) < rank.indexOf(a.source))
                ? b
                : a,
            undefined,
          );
        const routes = drawn.map(({ bits, host: at, source }, index): Route => ({
          name: String(index),
          prefix: `10.0.0.${at - (at % size(bits))}/${bits}`,
          nextHop: "VnetLocal",
          source,
        }));
        expect(routeTo(`10.0.0.${host}`, routes)?.name).toBe(best === undefined ? undefined : String(best.index));
      }),
    );
  });

  const internet = route("0.0.0.0/0", "Internet", "default");
  it.each([
    ["the user's default route before Azure's", [internet, route("0.0.0.0/0", "VirtualAppliance")], "VirtualAppliance"],
    [
      "a route for the tag before the default route",
      [internet, route("0.0.0.0/0", "VirtualAppliance"), route("AzureMachineLearning", "Internet")],
      "Internet",
    ],
    ["the default route past private prefixes", [internet, route("10.0.0.0/8", "VirtualAppliance")], "Internet"],
  ])("lead to a service by %s", (_, routes, hop) => {
    const chosen = routeToTag("AzureMachineLearning", routes);
    expect(typeof chosen === "object" ? chosen.nextHop : chosen).toBe(hop);
  });

  it("do not say where a service is, when a public prefix may hold it", () => {
    expect(routeToTag("Storage.eastus2", [internet, route("20.60.0.0/16", "VirtualAppliance")])).toBe("unknown");
  });

  it.each([
    ["a subnet's prefix with policies", "10.1.0.0/24", "RouteTableEnabled", true],
    ["the network's own prefix with policies", "10.1.0.0/16", "Enabled", true],
    ["a shorter prefix than the network's", "10.0.0.0/8", "Enabled", false],
    ["the default route", "0.0.0.0/0", "Enabled", false],
    ["a subnet's prefix without policies", "10.1.0.0/24", "Disabled", false],
    ["policies for security groups only", "10.1.0.0/24", "NetworkSecurityGroupEnabled", false],
    ["the address itself, whatever the policies", "10.1.0.5/32", "Disabled", true],
  ])("and private endpoints: %s", (_, prefix, policies, taken) => {
    expect(
      routeAroundEndpoint("10.1.0.5", [route(prefix, "VirtualAppliance")], {
        networkPrefixes: ["10.1.0.0/16"],
        policies,
      }) !== undefined,
    ).toBe(taken);
  });
});
