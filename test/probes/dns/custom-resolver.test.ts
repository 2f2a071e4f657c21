import { describe, expect, it } from "vitest";
import probe from "../../../probes/dns/custom-resolver.ts";
import { seen } from "../../../src/model/observation.ts";
import { verdictOf } from "../verdict-of.ts";

const fqdn = "score1.eastus2.inference.ml.azure.com";
const alias = "score1.1111.inference.eastus2.privatelink.api.azureml.ms";
const server = "10.0.0.4";

function answer(given: Record<string, unknown>) {
  const sound = { server, name: fqdn, type: "A", outcome: "answered", chain: [fqdn], transport: "udp", durationMs: 1 };
  return { ...sound, rcode: "NOERROR", addresses: [], ...given };
}

const privately = { answer: answer({ addresses: ["10.1.0.7"] }), relation: "expected" };
const publicly = { answer: answer({ addresses: ["20.85.1.20"] }), relation: "public" };

/** The server denies the name; the SOA of the denial names this zone and its primary server. */
function denied(zone: string, primary: string) {
  return { answer: answer({ rcode: "NXDOMAIN", soa: { zone, primary, minimumSeconds: 60 } }), relation: "nothing" };
}

/** What the server says of the scoring name, and of the name's alias. */
function facts(said: object, saidOfAlias: object) {
  const path = {
    name: {
      fqdn,
      alias,
      service: "inference",
      zone: "privatelink.api.azureml.ms",
      resourceId: "r",
      expected: [{ address: "10.1.0.7", privateEndpointId: "p", source: "network-interface" }],
    },
    needsPrivate: true,
    system: { name: fqdn, addresses: [] },
    here: "nothing",
    resolvers: [said],
    azure: privately,
    alias: saidOfAlias,
    reaches: [],
  };
  const wrong = [path];
  const suffixes = ["inference.ml.azure.com"];
  return {
    vantage: { name: "vm-jump", instance: seen({ resourceId: "/vm", name: "vm-jump" }) },
    comparison: { server, address: server, asked: wrong, wrong, proven: wrong, unproven: [], suffixes, linked: "yes" },
  };
}

describe("dns/custom-resolver", () => {
  it.each([
    [
      "the server has a zone of its own for the suffix, and forwards the aliases",
      facts(denied("inference.ml.azure.com", "dc01.contoso.example"), privately),
      "skip",
    ],
    [
      "the server has a zone of its own for the suffix, and forwards nothing",
      facts(denied("inference.ml.azure.com", "dc01.contoso.example"), publicly),
      "skip",
    ],
    [
      "the server passes on a denial of Azure's public zone, and forwards the aliases",
      facts(denied("ml.azure.com", "ns1-09.azure-dns.com."), privately),
      "dns-forwarder-privatelink-only",
    ],
    [
      "the server finishes the name publicly, and forwards the aliases",
      facts(publicly, privately),
      "dns-forwarder-privatelink-only",
    ],
    ["the server forwards nothing", facts(publicly, publicly), "dns-custom-no-forwarder?"],
  ])("%s", (_, given, wanted) => {
    expect(verdictOf(probe, given)).toBe(wanted);
  });

  it.each([
    ["one name that it denies, beside another that it gets from Azure DNS, is not decided", "right", "unknown"],
    ["all names that it denies, while it resolves the aliases", "denied", "dns-forwarder-privatelink-only"],
  ])("%s", (_, other, wanted) => {
    const given = facts({ answer: answer({ rcode: "NXDOMAIN" }), relation: "nothing" }, privately);
    const [path] = given.comparison.asked;
    if (path === undefined) throw new Error("no path");
    const sister = {
      ...path,
      name: { ...path.name, fqdn: "1111.workspace.eastus2.api.azureml.ms" },
      resolvers: [privately],
    };
    const asked = other === "right" ? [path, sister] : [path];
    expect(verdictOf(probe, { ...given, comparison: { ...given.comparison, asked } })).toBe(wanted);
  });
});
